from pathlib import Path

import pytest
from pydantic import BaseModel

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.parity import paper
from loresmith.records import Form, Question


class Nothing(BaseModel):
    """Settings of a stage that has none."""


def question(name: str, form: Form) -> Question:
    return Question(
        id=name, fact=name, document="d", source="d.md", page=None, chunk="c", quote="q", kind="number", form=form,
        wording=0, question="?", answer="a", options=("a", "b") if form == "choice" else (),
    )  # fmt: skip


@pytest.fixture
def split(tmp_path: Path) -> Artifact:
    """20 recall questions of each form, 3 transfer choices and no transfer short answers."""
    plan = Plan("split", Nothing())
    with artifact.create(tmp_path / "split", plan) as draft:
        for number in range(20):
            draft.keep(question(f"s{number}", "short"), "recall.jsonl")
            draft.keep(question(f"c{number}", "choice"), "recall.jsonl")
        for number in range(3):
            draft.keep(question(f"t{number}", "choice"), "transfer.jsonl")
    return artifact.read(tmp_path / "split", made_by="split")


def test_every_exam_and_form_that_is_there_is_asked(split: Artifact) -> None:
    asked = paper.choose(split, 12)
    counted = {(a.exam, a.question.form): 0 for a in asked}
    for a in asked:
        counted[a.exam, a.question.form] += 1
    assert len(asked) == 12
    assert counted == {("recall", "short"): 5, ("recall", "choice"): 4, ("transfer", "choice"): 3}


def test_questions_are_spread_over_the_exam_and_never_asked_twice(split: Artifact) -> None:
    asked = [a.question.id for a in paper.choose(split, 12)]
    assert asked[:5] == ["s0", "s4", "s8", "s12", "s16"]
    assert len(set(asked)) == 12


def test_a_small_exam_is_asked_whole(split: Artifact) -> None:
    assert len(paper.choose(split, 1000)) == 43


@pytest.mark.parametrize(
    ("sizes", "most", "shares"),
    [
        ([10, 10], 7, [4, 3]),
        ([1, 10, 10], 9, [1, 4, 4]),
        ([0, 0], 5, [0, 0]),
        ([2, 2], 100, [2, 2]),
        ([5, 5, 5], 2, [1, 1, 0]),
    ],
)
def test_shares_are_as_equal_as_the_sizes_allow(sizes: list[int], most: int, shares: list[int]) -> None:
    assert paper.even_shares(sizes, most) == shares
