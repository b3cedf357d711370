import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.blind.contest import folder_of
from loresmith.blind.session import Session
from loresmith.cli.blind import command
from loresmith.errors import UserError
from loresmith.pipeline import Project
from tests.blind.ballot import examined

SAID = {"base": ["6 rpm"] * 12, "lora": [f"{n} bar" for n in range(12)]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return examined(tmp_path / "project", SAID)


def invoke(project: Project, *words: str, said: str = "") -> Result:
    line = [str(project.path), "--arms", "base", "lora", "--rater", "anna", *words]
    return CliRunner().invoke(command, line, input=said, env={"LORESMITH_API_KEY": ""})


def session(project: Project) -> Session:
    return Session(folder_of(project.path, "base-vs-lora"))


def test_votes_are_kept_line_by_line_and_the_same_command_goes_on(project: Project) -> None:
    first = invoke(project, said="1\nt\nwhat\ns\nb\nq\n")
    assert first.exit_code == 0, first.output
    assert [vote.vote for vote in session(project).votes()] == ["left", "tie", "bad"]
    assert "9 pairs are left" in first.stdout
    assert "base" not in first.stdout and "lora" not in first.stdout
    assert "right: " in first.stdout and "\x1b" not in first.stdout
    second = invoke(project, said="2\nu\n1\n")
    assert "4/12" in second.stdout
    assert [vote.vote for vote in session(project).votes()] == ["left", "tie", "bad", "left"]


def test_results_wait_until_all_is_judged_and_then_say_who_was_who(project: Project) -> None:
    assert isinstance(invoke(project, "--results").exception, UserError)
    invoke(project, said="1\n")
    early = invoke(project, "--results").exception
    assert isinstance(early, UserError) and "anna has 11 to go" in early.problem
    assert json.loads(invoke(project, "--results", "--anyway", "--json").stdout)["is_over"] is False
    assert "look in between" in invoke(project, "--results", "--anyway").stdout
    voting = session(project)
    while (shown := voting.next_for("anna")) is not None:
        voting.vote(shown.pair.key, "anna", "left" if shown.left.endswith("bar") else "right")
    done = json.loads(invoke(project, "--results", "--json").stdout)
    assert (done["is_over"], done["pairs"], done["judged"], done["preferred"]) == (True, 12, 12, "b")
    assert done["wins_b"] >= 11
    assert invoke(project, "--results").stdout.startswith("lora is preferred to base.\n")


def test_how_far_it_is_can_be_asked_by_programs(project: Project) -> None:
    assert json.loads(invoke(project, "--json", "-n", "5").stdout) == {
        "name": "base-vs-lora", "arms": ["base", "lora"], "pairs": 5, "left": {}, "is_over": False
    }  # fmt: skip


def test_arms_of_two_projects_on_the_same_questions_can_meet(project: Project, tmp_path: Path) -> None:
    other = examined(tmp_path / "newer", {"lora": ["7 bar"] * 12})
    done = invoke(project, "--against", str(other.path), said="1\n")
    assert done.exit_code == 0, done.output
    contest = Session(folder_of(project.path, "base-of-project-vs-lora-of-newer")).contest
    assert (contest.a, contest.b, {pair.b for pair in contest.pairs}) == (
        "base of project", "lora of newer", {"7 bar"}
    )  # fmt: skip


def test_the_page_needs_a_key_beyond_this_machine(project: Project) -> None:
    fault = invoke(project, "--page", "--host", "0.0.0.0").exception
    assert isinstance(fault, UserError) and "no API key" in fault.problem
