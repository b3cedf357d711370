import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.ask import command
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import Project
from tests.serve.shelf import build_project

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("ask"))


@pytest.fixture
def ask(project: Project) -> Ask:
    def invoke(*words: str, said: str | None = None) -> Result:
        return CliRunner().invoke(command, [str(project.path), *words], input=said)

    return invoke


def test_the_answer_names_document_and_quote_on_stdout_and_what_is_next_on_stderr(ask: Ask) -> None:
    done = ask("At what pressure does the relief valve open?", "--with", "none")
    assert done.exit_code == 0
    assert "opens at 4 bar" in done.stdout
    assert "[1] pumps.md" in done.stdout
    assert "Next: loresmith quiz" in done.stderr


def test_the_question_can_come_from_standard_input(ask: Ask) -> None:
    assert "opens at 4 bar" in ask("-", said="At what pressure does the relief valve open?\n").stdout


def test_json_is_one_whole_answer_and_nothing_else(ask: Ask) -> None:
    answer = json.loads(ask("At what pressure does the relief valve open?", "--json").stdout)
    assert answer["citations"][0]["source"] == "pumps.md"
    assert answer["generator"] is None


def test_why_lists_the_ranks_of_the_passages(ask: Ask) -> None:
    shown = ask("At what pressure does the relief valve open?", "--why").stdout
    assert "Read for this, best first:" in shown
    assert "meaning 1, words 1" in shown
    assert ", cosine 0." in shown and ", BM25 " in shown and ", tokens" not in shown


def test_only_keeps_to_documents_of_a_pattern(ask: Ask) -> None:
    question = "At what pressure does the relief valve open?"
    sources = {row["source"] for row in json.loads(ask(question, "--only", "pump*", "--json").stdout)["passages"]}
    assert sources == {"pumps.md"}
    assert json.loads(ask(question, "--only", "nothing/*", "--json").stdout)["refused"] is True


@pytest.mark.parametrize("question", ["", "   ", "-"])
def test_an_empty_question_is_refused_before_anything_is_opened(ask: Ask, question: str) -> None:
    fault = ask(question, said="").exception
    assert isinstance(fault, UserError)
    assert fault.problem == "The question is empty."


def test_a_writer_that_is_not_there_is_an_error_with_its_verb(ask: Ask) -> None:
    fault = ask("Why?", "--with", "gguf").exception
    assert isinstance(fault, ArtifactMissing)
    assert fault.next_step == "Run `loresmith export` first."


def test_a_folder_without_a_recipe_is_no_project(tmp_path: Path) -> None:
    fault = CliRunner().invoke(command, [str(tmp_path), "Why?"]).exception
    assert isinstance(fault, UserError)
    assert "is no project" in fault.problem
