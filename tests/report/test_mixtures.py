"""What the report says of mixtures and of adapters of single domains."""

from typing import Any

import pytest

from loresmith.report.content import Block, Prose, Table
from loresmith.report.exam import Exam, Specialist
from loresmith.report.material import Material
from loresmith.report.mixtures import mixtures
from loresmith.statistics import wilson

OWN = {"name": "own questions", "share": 0.8, "per_epoch": 40, "seen": 120, "distinct": 40}
ROWS = {
    "name": "biology", "share": 0.2, "per_epoch": 10, "seen": 30, "distinct": 30, "rows": 900, "passed_over": 5,
    "dropped": {"in an exam (recall.jsonl): equal": 2, "tool calls are not trained": 1}, "licenses": {"mit": 30},
}  # fmt: skip
FIGURES = {
    "conversations": 46, "steps": 30, "last_loss": 0.25, "exam_questions": 8, "exam_recall_before": 0.0,
    "exam_recall": 0.5, "exam_general_before": 0.75, "exam_general": 0.7, "mixture": [OWN],
}  # fmt: skip


def cells(blocks: list[Block], caption: str) -> list[tuple[str, ...]]:
    (table,) = [block for block in blocks if isinstance(block, Table) and block.caption.startswith(caption)]
    return list(table.rows)


def notes(**changes: Any) -> dict[str, Any]:
    return {"mixture": [OWN, {**ROWS, **changes}]}


def test_nothing_is_said_where_nothing_was_mixed() -> None:
    assert mixtures({}, None) == []


def test_each_source_has_its_share_its_examples_and_its_licence() -> None:
    rows = cells(mixtures(notes(), None), "What was learned from")
    assert rows == [
        ("own questions", "80.0%", "120", "40", "", "", ""),
        ("biology", "20.0%", "30", "30", "900", "3", "mit"),
    ]


def test_what_was_left_out_is_told_with_its_reasons() -> None:
    said = [block.text for block in mixtures(notes(), None) if isinstance(block, Prose)]
    assert said == ["Left out of biology: 2 in an exam (recall.jsonl): equal, 1 tool calls are not trained."]


@pytest.mark.parametrize(("seen", "warns"), [(600, False), (630, True)])
def test_a_source_that_is_repeated_too_often_is_a_warning(seen: int, warns: bool) -> None:
    blocks = mixtures(notes(seen=seen, dropped={}), None)
    told = [block.text for block in blocks if isinstance(block, Prose) and block.tone == "warning"]
    assert told == (["biology is small for its weight: each of its rows was met 21 times on average."] if warns else [])


def test_an_adapter_has_its_exam_with_intervals_and_its_own_mixture() -> None:
    blocks = mixtures({"adapters": {"pumps": FIGURES}}, None)
    ((name, *_, before, after, n, general),) = cells(blocks, "Adapters of single domains")
    assert (name, n, general) == ("pumps", "8", "75.0%, 70.0%")
    assert before.startswith("0.0% [0.0, ")
    assert after == "50.0% [21.5, 78.5]"
    assert cells(blocks, "What the adapter pumps learned from")


def test_an_adapter_without_an_exam_says_so() -> None:
    bare = {key: held for key, held in FIGURES.items() if not key.startswith("exam")}
    ((*_, before, after, n, general),) = cells(mixtures({"adapters": {"pumps": bare}}, None), "Adapters of single")
    assert (before, after, n, general) == ("not asked", "not asked", "0", "not asked")


def test_the_examination_of_an_adapter_stands_beside_base_and_whole(material: Material) -> None:
    special = Specialist(
        adapter="pumps", exam="recall", accuracy=wilson(9, 10), base=wilson(1, 10), everything=None, p=0.008
    )
    assert isinstance(material.exam, Exam)
    exam = material.exam.model_copy(update={"specialists": (special,)})
    ((name, asked, n, base, own, whole, p),) = cells(mixtures({}, exam), "Adapters in the exam")
    assert (name, asked, n, whole, p) == ("pumps", "recall", "10", "not asked", "0.008")
    assert (base[:5], own[:5]) == ("10.0%", "90.0%")
