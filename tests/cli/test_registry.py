import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.registry import command
from loresmith.errors import UserError
from tests.compare.conftest import written_exam
from tests.registry.shelf_of_experts import small_project

NOTHING, HALF, MOST = [False] * 100, [True, False] * 50, [True, True, True, False] * 25


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def told(*words: object) -> Any:
    return json.loads(run(*words, "--json").stdout)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project with an exam, version 1 of it in its registry."""
    folder = small_project(tmp_path / "plant").path
    written_exam(folder, {"base": NOTHING, "lora+rag": HALF})
    assert run("add", folder, "--tag", "first").exit_code == 0
    return folder


def improved(place: Path) -> None:
    written_exam(place, {"base": NOTHING, "lora+rag": MOST})
    assert run("add", place).exit_code == 0


def test_the_life_of_two_versions(place: Path) -> None:
    first = run("promote", place)
    assert first.exit_code == 0
    assert first.stdout.startswith("Promote: better by +50.0 [")
    improved(place)
    assert run("promote", place, "candidate", "--reason", "more documents").exit_code == 0
    listed = run("list", place).stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [["1", "previous,"], ["2", "champion"]]
    assert (
        run("rollback", place, "--reason", "it lies").stdout
        == "Version 1 is the champion again, instead of version 2.\n"
    )
    assert run("archive", place, 2).exit_code == 0
    assert run("prune", place, "--keep", 0, "--dry-run").stdout.splitlines()[0] == "     1  stays: champion"
    assert run("prune", place, "--keep", 0).exit_code == 0
    shown = run("show", place, 2).stdout
    assert "folder    none: its files were pruned" in shown
    assert "parent    version 1" in shown
    assert "more documents: Promote" in shown
    actions = [line.split()[2] for line in run("log", place).stdout.splitlines()]
    assert actions == ["add", "tag", "promote", "add", "promote", "rollback", "archive", "prune"]
    assert run("verify", place).stdout == "Every file is as it was added.\n"


def test_a_version_that_the_gate_keeps_out_ends_with_1_and_force_lets_it_in(place: Path) -> None:
    run("promote", place)
    assert run("add", place).exit_code == 0
    kept = run("promote", place)
    assert kept.exit_code == 1
    assert kept.stdout.startswith("Do not ship: a gain of 5 points is ruled out")
    forced = run("promote", place, 2, "--force", "the old one has to go")
    assert (forced.exit_code, forced.stdout) == (0, "Version 2 is the champion, without the gate.\n")


def test_a_damaged_file_ends_with_2_and_its_name(place: Path) -> None:
    path = place / "registry" / "versions" / "1" / "index" / "facts.json"
    path.chmod(0o644)
    path.write_text("eno", encoding="utf-8")
    done = run("verify", place)
    assert done.exit_code == 2
    assert done.stdout == f"{path}: is not the file that was added: its sha256 differs\n"
    found = run("verify", place, 1, "--json")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["faults"][0]["version"] == 1


def test_every_verb_speaks_json(place: Path, tmp_path: Path) -> None:
    assert told("add", place, "--registry", tmp_path / "shared")["version"]["number"] == 1
    shared = tmp_path / "shared"
    assert told("promote", shared, 1)["promoted"] is True
    assert [row["aliases"] for row in told("list", shared)["versions"]] == [["champion"]]
    assert told("show", shared, "champion")["log"][0]["action"] == "add"
    assert told("tag", shared, 1, "good")["tags"] == ["good"]
    assert told("tag", shared, "good", "good", "--remove")["tags"] == []
    told("add", place, "--registry", shared)
    assert told("promote", shared, 2, "--force", "a test")["previous"] == 1
    assert told("rollback", shared) == {"champion": 1, "left": 2, "previous": None}
    assert told("archive", shared, 2)["state"] == "archived"
    assert told("archive", shared, 2, "--undo")["state"] == "kept"
    assert told("log", shared, "--version", 2)[-1]["action"] == "restore"
    assert told("verify", shared) == {"sound": True, "faults": []}
    assert told("prune", shared, "--keep", "0")["versions"] == [2]
    assert [row["state"] for row in told("list", shared, "--all")["versions"]] == ["kept", "pruned"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["list", "{tmp}/nowhere"], "There is no registry at"),
        (["show", "{place}", "9"], "There is no version '9'"),
        (["show", "{place}", "champion"], "No version is the champion"),
        (["rollback", "{place}"], "no previous champion"),
        (["add", "{tmp}"], "holds no recipe.yaml"),
        (["add", "{place}", "--tag", "champion"], "cannot be a tag"),
    ],
)
def test_bad_input_is_one_clear_error(place: Path, tmp_path: Path, words: list[str], problem: str) -> None:
    fault = run(*(word.format(place=place, tmp=tmp_path) for word in words)).exception
    assert isinstance(fault, UserError)
    assert problem in fault.problem
    assert fault.exit_code == 2
