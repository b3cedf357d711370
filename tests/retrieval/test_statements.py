from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.retrieval.statements import statements

TABLE = "| Planet | Radius |\n| --- | ---: |\n| Mars | 3,390 |\n| Venus | 6,052 |"


def shown(text: str) -> list[str]:
    return [text[one.start : one.end] for one in statements(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It opens at 4 bar. It closes at 3.2 bar.", ["It opens at 4 bar.", "It closes at 3.2 bar."]),
        ("## Valves\n\nIt opens.\n\nIt closes", ["## Valves", "It opens.", "It closes"]),
        ("## Valves\nIt opens", ["## Valves", "It opens"]),
        ("A line\nthat goes on. Then an end.", ["A line\nthat goes on.", "Then an end."]),
        ("- one thing\n- another\n  on two lines", ["- one thing", "- another\n  on two lines"]),
        (TABLE, ["| Planet | Radius |", "| Mars | 3,390 |", "| Venus | 6,052 |"]),
        ("Before:\n| a | b |\nafter", ["Before:", "| a | b |", "after"]),
        ("", []),
        (" \n\n\t", []),
    ],
)
def test_a_text_falls_into_sentences_rows_headings_and_items(text: str, parts: list[str]) -> None:
    assert shown(text) == parts


def test_a_table_row_is_framed_by_its_header() -> None:
    assert [one.frame for one in statements(TABLE)] == ["", "| Planet | Radius |", "| Planet | Radius |"]


def test_rows_without_a_header_have_no_frame() -> None:
    assert [one.frame for one in statements("| a | 1 |\n| b | 2 |")] == ["", ""]


@settings(deadline=None)
@given(st.text("ab1.!| -#\n", max_size=60))
def test_statements_are_in_order_and_lose_no_word(text: str) -> None:
    found = statements(text)
    places = {place for one in found for place in range(one.start, one.end)}
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(one.start < one.end and text[one.start : one.end].strip() == text[one.start : one.end] for one in found)
    assert all(place in places for place, sign in enumerate(text) if sign.isalnum())
