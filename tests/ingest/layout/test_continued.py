"""The second part of a table that a page break cut."""

from dataclasses import replace

import pytest

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.continued import with_headers_carried
from loresmith.ingest.layout.page import Box

HEAD = ("System", "Accuracy", "Year")
FIRST = Block("table", 3, Box(72, 500, 540, 760), "", rows=(HEAD, ("Brea", "71.2", "2021")))
SECOND = Block("table", 4, Box(73, 72, 541, 200), "", rows=(("Mol", "64.0", "2022"), ("Kard", "65.1", "2023")))
NOTE = Block("paragraph", 3, Box(72, 762, 540, 775), "^1 Without the test part.")
FOOTNOTE = Block("footnote", 3, Box(72, 762, 540, 775), "Without the test part.", label="1")
PROSE = Block("paragraph", 3, Box(72, 762, 540, 775), "The table shows that Brea is ahead.")


def caption(text: str, page: int = 4) -> Block:
    return Block("paragraph", page, Box(72, 60, 540, 70), text)


@pytest.mark.parametrize(
    "between", [[], [NOTE], [FOOTNOTE], [caption("Table 2 (continued)")], [caption("Table 2: Results.", 3)]]
)
def test_the_second_part_begins_with_the_header_of_the_first(between: list[Block]) -> None:
    last = with_headers_carried([FIRST, *between, SECOND])[-1]
    assert last.rows == (HEAD, *SECOND.rows)
    assert last.page == 4


def test_both_rows_of_a_header_are_carried() -> None:
    above = ("", "Test part", "Test part")
    first = replace(FIRST, rows=(above, *FIRST.rows), header_rows=2)
    last = with_headers_carried([first, SECOND])[-1]
    assert last.rows == (above, HEAD, *SECOND.rows)


def test_a_third_part_gets_it_too() -> None:
    third = replace(SECOND, page=5)
    assert [block.rows[0] for block in with_headers_carried([FIRST, SECOND, third])] == [HEAD] * 3


@pytest.mark.parametrize(
    ("before", "second"),
    [
        ([PROSE], SECOND),
        ([caption("Table 3: Other results.")], SECOND),
        ([], replace(SECOND, page=5)),
        ([], replace(SECOND, box=Box(140, 72, 541, 200))),
        ([], replace(SECOND, rows=(("Mol", "64.0"), ("Kard", "65.1")))),
        ([], replace(SECOND, rows=(("Task", "Score", "Source"), *SECOND.rows))),
        ([], replace(SECOND, rows=(HEAD, *SECOND.rows))),
    ],
    ids=["prose between", "own caption", "page skipped", "other place", "other width", "own header", "header repeated"],
)
def test_another_table_keeps_its_own_first_row(before: list[Block], second: Block) -> None:
    assert with_headers_carried([FIRST, *before, second])[-1].rows == second.rows
