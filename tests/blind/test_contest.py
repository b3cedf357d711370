from pathlib import Path

import pytest

from loresmith.blind.contest import contests_in, drawn, folder_of, load, save, sitter
from loresmith.errors import UserError
from loresmith.pipeline import Project
from tests.blind.ballot import examined

SAID = {"base": [f"{n} rpm" for n in range(30)], "lora": [f"{n} bar" if n % 3 else f"{n}  rpm" for n in range(30)]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return examined(tmp_path_factory.mktemp("contest") / "project", SAID)


def test_only_questions_that_were_answered_differently_are_shown(project: Project) -> None:
    sides = sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora")
    contest = drawn("c", *sides, seed=1, most=100)
    assert (contest.asked, contest.same, len(contest.pairs)) == (30, 10, 20)
    assert all((pair.a.endswith("rpm"), pair.b.endswith("bar")) == (True, True) for pair in contest.pairs)
    few = drawn("c", *sides, seed=1, most=6)
    assert {pair.key for pair in few.pairs} < {pair.key for pair in contest.pairs}
    assert few == drawn("c", *sides, seed=1, most=6)
    assert few.pairs != drawn("c", *sides, seed=2, most=6).pairs


def test_citation_marks_are_left_out_since_they_tell_an_arm_with_sources(tmp_path: Path) -> None:
    said = {"lora": ["5 bar", "6 bar"], "lora+rag": ["5 bar [1].", "6 bar [2]"]}
    project = examined(tmp_path / "cited", said)
    contest = drawn("c", sitter(project.path, "lora", "lora"), sitter(project.path, "lora+rag", "lora+rag"), 1, 9)
    assert [(pair.a, pair.b) for pair in contest.pairs] == [("5 bar", "5 bar.")]


def test_sides_and_order_are_drawn_anew_for_every_rater_and_stay(project: Project) -> None:
    contest = drawn("c", sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora"), 1, 100)
    sides = {rater: [contest.left(pair.key, rater) for pair in contest.pairs] for rater in ("anna", "béla")}
    assert sides["anna"] != sides["béla"]
    assert all(3 <= side.count("a") <= 17 for side in sides.values())
    assert [pair.key for pair in contest.order("anna")] != [pair.key for pair in contest.order("béla")]
    assert contest.order("anna") == contest.order("anna")


def test_a_contest_comes_back_as_it_was_saved_and_a_damaged_one_is_named(project: Project, tmp_path: Path) -> None:
    contest = drawn("c", sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora"), 1, 5)
    folder = folder_of(tmp_path, "c")
    save(folder, contest)
    assert load(folder) == contest
    assert contests_in(tmp_path) == [folder]
    (folder / "pairs.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        load(folder)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b"])
def test_no_contest_leaves_its_folder_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="No contest can be called"):
        folder_of(tmp_path, name)


def test_what_cannot_be_compared_is_said(project: Project, tmp_path: Path) -> None:
    base = sitter(project.path, "base", "base")
    with pytest.raises(UserError, match="none of them differently"):
        drawn("c", base, base, 1, 5)
    with pytest.raises(UserError, match="'rag' wrote no answers"):
        sitter(project.path, "rag", "rag")
    other = examined(tmp_path / "other", {"lora": ["x"] * 3}, first=100)
    with pytest.raises(UserError, match="answered 0 of the same"):
        drawn("c", base, sitter(other.path, "lora", "lora"), 1, 5)
