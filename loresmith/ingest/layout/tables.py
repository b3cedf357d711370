"""Tables of a page: a region of rules becomes a grid of texts with one flattened header row."""

import re
from dataclasses import dataclass
from itertools import pairwise

from loresmith.ingest.layout.columns import columns_of, vertical_rules
from loresmith.ingest.layout.groups import fill_group_labels
from loresmith.ingest.layout.header import flattened_header, frame_of
from loresmith.ingest.layout.lines import lines_of, runs_of
from loresmith.ingest.layout.page import Page, Word
from loresmith.ingest.layout.regions import Region, regions_of
from loresmith.ingest.layout.rows import body_of, with_wraps_joined

_FIGURE = re.compile(r"[-–—]|[±~<>≈]?[-−+]?[\d.,]+(?:[%xKMBT]|±[\d.]+)?")
_LONGEST_CELL = 260
"""Characters. A cell that says more is a paragraph in a box."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is written: every row has the same number of cells, the first row is the header."""

    region: Region
    rows: list[list[str]]


def tables_of(page: Page) -> list[Table]:
    """Every table of the page from top to bottom."""
    tables = [table_in(page, region) for region in regions_of(page)]
    return [table for table in tables if table is not None and _is_plausible(table.rows)]


def table_in(page: Page, region: Region) -> Table | None:
    """The table between the rules of `region`; `None` where no columns are found."""
    words = [word for word in page.words if region.holds(word)]
    if len(words) < 4:
        return None
    head, body_words, head_end = _head_and_body(words, region)
    if not body_words:
        return None
    lines = lines_of(body_words)
    columns = columns_of(lines, head, vertical_rules(page.uprights, region), region)
    if columns.count < 2:
        return None
    header = flattened_header(head, page, region, frame_of(columns, lines, head_end))
    body = body_of(lines, columns)
    below = [level for level in region.separators if level > (head_end or region.top)]
    bands = list(zip([head_end or region.top, *below], below, strict=False))
    rows = with_wraps_joined(body, bands)
    inner = [
        rule
        for rule in page.rules
        if region.top - 1 < rule.y < region.bottom + 1 and rule.x0 > region.x0 - 4 and rule.x1 < region.x1 + 4
    ]
    fill_group_labels(rows, body, inner, region, columns)
    blank = [""] * (columns.count - 1)
    grid = [header, *([row.title, *blank] if row.is_section else row.cells for row in rows)]
    return Table(region, _without_empty_columns(grid))


def _head_and_body(words: list[Word], region: Region) -> tuple[list[Word], list[Word], float | None]:
    """Header words, body words, and the height of the rule between them; without one the first line is the header."""
    levels = region.separators
    if len(levels) >= 3:
        end = levels[2] if len(levels) >= 4 and _has_second_header(words, levels) else levels[1]
        return [w for w in words if w.baseline <= end], [w for w in words if w.baseline > end], end
    first, *rest = lines_of(words)
    return first, [word for line in rest for word in line], None


def _has_second_header(words: list[Word], levels: list[float]) -> bool:
    """Whether the titles go on below the first rule: more of them than above it, without numbers, over numbers."""
    bands = [[word for word in words if top < word.baseline <= bottom] for top, bottom in pairwise(levels)]
    upper, lower = lines_of(bands[0]), lines_of(bands[1])
    below = [word for band in bands[2:] for word in band]
    if not upper or not 1 <= len(lower) <= 2 or not below:
        return False
    more = max(len(runs_of(line, 0.5)) for line in lower) > max(len(runs_of(line, 0.5)) for line in upper)
    return more and _figures(bands[1]) <= 0.2 and _figures(below) >= 0.4


def _figures(words: list[Word]) -> float:
    """Share of words that are numbers or stand for a missing one."""
    return sum(bool(_FIGURE.fullmatch(word.text)) for word in words) / max(1, len(words))


def _without_empty_columns(grid: list[list[str]]) -> list[list[str]]:
    kept = [column for column in range(len(grid[0])) if any(row[column].strip() for row in grid)]
    return [[row[column] for column in kept] for row in grid]


def _is_plausible(rows: list[list[str]]) -> bool:
    """Whether the grid is a table and not a plot or a box of text: large enough, a quarter filled, no long cells."""
    cells = [cell for row in rows for cell in row]
    filled = sum(bool(cell) for cell in cells)
    return len(rows) >= 3 and len(rows[0]) >= 2 and filled >= 0.25 * len(cells) and max(map(len, cells)) < _LONGEST_CELL


def words_outside(words: list[Word], tables: list[Table]) -> list[Word]:
    """The words that stand in none of the tables."""
    return [word for word in words if not any(table.region.holds(word, slack=2) for table in tables)]
