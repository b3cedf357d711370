"""Tables that go on over a page break: the part on the next page gets the header of the first.

The parts stay on their own pages, so that a cell is still cited from the page that shows it. Not covered: a row that is
cut in two by the break.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.captions import CAPTION

_SHIFT = 6.0
"""Points by which the edges of two parts of one table may differ."""
_CONTINUED = re.compile(r"(?:table\s*\w+\s*[.:|]?\s*)?[\[(]?cont(?:inued|inuation|['’.]?d\b|\.)", re.IGNORECASE)
_NUMBER = re.compile(r"[-–—~<>≤≥±+$€£]?\s?\d[\d,.]*\s?(?:%|[A-Za-z]{1,3})?")


def with_headers_carried(blocks: Sequence[Block]) -> list[Block]:
    """Blocks in reading order; a table that continues the last one of the page before begins with its header."""
    carried: list[Block] = []
    for index, block in enumerate(blocks):
        first = _table_before(carried, block) if block.kind == "table" else None
        if first is not None and not _has_own_caption(blocks, index) and _goes_on(first, block):
            carried.append(
                replace(block, rows=(*first.rows[: first.header_rows], *block.rows), header_rows=first.header_rows)
            )
        else:
            carried.append(block)
    return carried


def _table_before(blocks: Sequence[Block], table: Block) -> Block | None:
    """The table that ends the page before, if nothing but captions and notes stand between the two."""
    for block in reversed(blocks):
        if block.kind == "table":
            return block if block.page == table.page - 1 else None
        is_note = block.kind == "footnote" or block.text.startswith("^")
        if not (is_note or CAPTION.match(block.text) or _CONTINUED.match(block.text)):
            return None
    return None


def _has_own_caption(blocks: Sequence[Block], index: int) -> bool:
    """Whether a caption beside the table on its page names a table of its own, not a continued one."""
    beside = [*blocks[max(0, index - 1) : index], *blocks[index + 1 : index + 2]]
    return any(
        block.page == blocks[index].page and CAPTION.match(block.text) and not _CONTINUED.match(block.text)
        for block in beside
    )


def _goes_on(first: Block, second: Block) -> bool:
    """Whether both have the same columns, and the second begins with values where the first has titles."""
    header, opening = first.rows[0], second.rows[0]
    if len(header) != len(opening) or header == opening:
        return False
    shifts = (first.box.x0 - second.box.x0, first.box.x1 - second.box.x1)
    if any(abs(shift) > _SHIFT for shift in shifts):
        return False
    values = [column for column, cell in enumerate(opening) if _NUMBER.fullmatch(cell)]
    return len(values) * 2 >= len(opening) and not any(_NUMBER.fullmatch(header[column]) for column in values)
