from typing import Any

import pytest

from loresmith.decisions import Decision, Verdict
from loresmith.records import Question
from loresmith.review.rows import Row
from loresmith.review.session import Entry
from loresmith.serve.review.listing import Filter, address, choices, known, leaf_of


def entry(number: int, verdict: Verdict | None = None, **fields: Any) -> Entry:
    known_fields: dict[str, Any] = {
        **{"id": f"q{number}", "fact": "f", "document": "d", "source": "a.md", "page": 1, "chunk": "c"},
        **{"kind": "number", "quote": "Q", "form": "short", "wording": 0, "question": f"{number}?", "answer": "1"},
    }
    decision = Decision(key=str(number), verdict=verdict) if verdict else None
    return Entry(Row(str(number), Question(**(known_fields | fields)), (0, 1)), decision)


def shown(entries: list[Entry], wanted: Filter, start: int = 0) -> list[str]:
    return [one.row.key for one in leaf_of(entries, wanted, start, size=3).entries]


MIXED = [
    entry(0),
    entry(1, "accept"),
    entry(2, source="b.md"),
    entry(3, "reject", form="choice", options=("1", "2")),
    entry(4, kind="cell"),
    entry(5, "edit"),
]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Filter(), ["0", "1", "2"]),
        (Filter(document="b.md"), ["2"]),
        (Filter(kind="cell"), ["4"]),
        (Filter(form="choice"), ["3"]),
        (Filter(verdict="undecided"), ["0", "2", "4"]),
        (Filter(verdict="edit"), ["5"]),
        (Filter(document="b.md", kind="cell"), []),
    ],
)
def test_a_row_is_shown_when_it_fits_every_filter(wanted: Filter, keys: list[str]) -> None:
    assert shown(MIXED, wanted) == keys


def test_pages_follow_one_another_without_gap_or_repetition() -> None:
    rows = [entry(number) for number in range(8)]
    first = leaf_of(rows, Filter(), 0, size=3)
    assert (first.matching, first.before, first.after) == (8, None, 3)
    middle = leaf_of(rows, Filter(), 3, size=3)
    assert ([one.row.key for one in middle.entries], middle.before, middle.after) == (["3", "4", "5"], 0, 6)
    last = leaf_of(rows, Filter(), 6, size=3)
    assert ([one.row.key for one in last.entries], last.before, last.after) == (["6", "7"], 3, None)


def test_decisions_on_a_page_make_the_next_one_skip_nothing() -> None:
    rows = [entry(number) for number in range(6)]
    after = leaf_of(rows, Filter(verdict="undecided"), 0, size=3).after
    decided = [entry(number, "accept" if number < 3 else None) for number in range(6)]
    assert after is not None
    assert shown(decided, Filter(verdict="undecided"), after) == ["3", "4", "5"]


def test_an_address_names_what_is_wanted_and_nothing_else() -> None:
    assert address(Filter()) == "?"
    assert address(Filter(document="a & b.md", verdict="reject"), 25) == "?document=a+%26+b.md&verdict=reject&start=25"


def test_a_filter_that_nothing_can_fit_any_more_is_left_out() -> None:
    offered = choices(MIXED)
    assert offered["document"] == ["a.md", "b.md"]
    assert known(Filter(document="gone.md", kind="cell"), offered) == Filter(kind="cell")
