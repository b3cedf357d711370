import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.review import command
from loresmith.decisions import REVIEW
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import Project
from loresmith.review.session import Review
from tests.review.workshop import VICE, build_workshop, decide, made, questions_of


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one rejected question, a torn line, and questions that know of neither."""
    project = build_workshop(tmp_path_factory.mktemp("review"))
    decide(Review(project.path), VICE, "reject")
    with (project.path / REVIEW).open("ab") as file:
        file.write(b'{"key"')
    return project


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(command, list(map(str, words)), env={"LORESMITH_API_KEY": ""})


def test_json_counts_by_verdict_and_opens_nothing(project: Project) -> None:
    done = invoke(project.path, "--json")
    total = len(questions_of(project))
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "project": str(project.path),
        **{"questions": total, "accept": 0, "edit": 0, "reject": 1, "undecided": total - 1, "decided": 1},
        **{"without_row": 0, "torn_lines": 1, "is_applied": False},
    }


def test_status_says_the_same_in_words_and_which_verb_comes_next(project: Project) -> None:
    shown = invoke(project.path, "--status").stdout
    assert f"1 of {len(questions_of(project))} questions decided: 0 accepted, 0 edited, 1 rejected" in shown
    assert "Half-written lines of review.jsonl, passed over: 1" in shown
    assert shown.endswith(f"Next: loresmith generate {project.path}\n")


def test_before_there_are_questions_the_verb_is_named(project: Project, tmp_path: Path) -> None:
    bare = Project(tmp_path / "bare", project.recipe)
    bare.save()
    fault = invoke(bare.path, "--json").exception
    assert isinstance(fault, ArtifactMissing)
    assert "loresmith generate" in fault.next_step


@pytest.mark.parametrize(("words", "problem"), [(("--host", "0.0.0.0"), "no API key"), (("--port", "70000"), "port")])
def test_an_address_that_cannot_be_is_refused_before_anything_opens(
    project: Project, words: tuple[str, str], problem: str
) -> None:
    fault = invoke(project.path, *words).exception
    assert isinstance(fault, UserError)
    assert problem in fault.problem


def test_the_page_opens_without_any_model_and_ends_well_at_a_signal(project: Project) -> None:
    line = [sys.executable, "-m", "loresmith.cli", "review", str(project.path), "--port", "0"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        told = process.stdout.readline()  # type: ignore[union-attr]
        with urllib.request.urlopen(told.split()[1], timeout=30) as answer:
            page = answer.read().decode()
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=60)
    assert f"1 of {len(questions_of(project))} decided" in page
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "Next: loresmith generate" in shown


def test_after_the_questions_were_made_anew_the_split_is_next(project: Project) -> None:
    made(project)
    assert invoke(project.path, "--status").stdout.endswith(f"Next: loresmith split {project.path}\n")
