import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.tutor import command
from loresmith.pipeline import Project
from tests.serve.shelf import build_project

TOPIC = "At which pressure does the relief valve open?"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("tutor"))


@pytest.fixture
def tutor(project: Project) -> Callable[..., Result]:
    def invoke(*words: str, said: str) -> Result:
        return CliRunner().invoke(command, [str(project.path), "--with", "none", *words], input=said)

    return invoke


def test_a_lesson_explains_with_its_source_and_hints_when_asked(tutor: Callable[..., Result]) -> None:
    done = tutor(said=f"\n{TOPIC}\nhint\nq\n")
    assert done.exit_code == 0
    assert "[1] pumps.md: “The relief valve opens at 4 bar.”" in done.stdout
    assert "A hint: It stands under “" in done.stdout


def test_each_move_is_a_line_of_json(tutor: Callable[..., Result]) -> None:
    rows = tutor("--json", "--mode", "quiz-me", said="quiz me on valves\nanswer\n").stdout
    moves = json.JSONDecoder()
    first, end = moves.raw_decode(rows)
    second, _ = moves.raw_decode(rows[end:].lstrip())
    assert (first["explanation"], first["is_asking"], first["correct"]) == (None, True, None)
    assert second["correct"] is False and second["citations"]
