"""Tables of a page: a region of rules, or of aligned figures, becomes a grid of texts with one flattened header row."""

import re
from dataclasses import dataclass
from itertools import pairwise

from loresmith.ingest.layout.amounts import is_amount, is_value, is_year, with_signs_attached
from loresmith.ingest.layout.columns import columns_of, vertical_rules
from loresmith.ingest.layout.groups import fill_group_labels
from loresmith.ingest.layout.header import Title, flattened, frame_of, in_two_rows, titles_of
from loresmith.ingest.layout.lines import lines_of, runs_of, type_size
from loresmith.ingest.layout.page import Page, Word
from loresmith.ingest.layout.regions import Region, regions_of
from loresmith.ingest.layout.rows import Row, body_of, rows_of, with_labels_whole, with_wraps_joined
from loresmith.ingest.layout.unruled import Unruled, unruled_in

_FIGURE = re.compile(r"[-–—]|[±~<>≈]?[-−+]?[\d.,]+(?:[%xKMBT]|±[\d.]+)?")
_LONGEST_CELL = 260
"""Characters. A cell that says more is a paragraph in a box."""
_LONGEST_TITLE = 110
"""Characters of a section's title; more is a sentence."""
_PART = 0.8
"""Share of the words of a ruled table that stand in larger ones, from which it is a part of them."""
_SHOWN = 0.6
"""Share of the words of a muddled ruled table that must stand in tables found by white space to replace it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is written: every row has the same number of cells, the first row is the header."""

    region: Region
    rows: list[list[str]]
    titles: list[list[str]]
    """The header again, in two rows where titles span columns."""


def tables_of(page: Page) -> list[Table]:
    """Every table of the page from top to bottom."""
    ruled = [table_in(page, region) for region in regions_of(page)]
    plausible = [table for table in ruled if table is not None and _is_plausible(table.rows)]
    return with_unruled(page, _without_parts(page, plausible))


def _without_parts(page: Page, tables: list[Table]) -> list[Table]:
    """The tables without those that rules inside of another one make of its words, which would be said twice."""
    held = [[place for place, word in enumerate(page.words) if table.region.holds(word)] for table in tables]
    order = sorted(range(len(tables)), key=lambda number: -len(held[number]))
    kept: list[int] = []
    taken: set[int] = set()
    for number in order:
        if len(taken.intersection(held[number])) < _PART * len(held[number]):
            kept.append(number)
            taken.update(held[number])
    return [tables[number] for number in sorted(kept)]


def with_unruled(page: Page, ruled: list[Table]) -> list[Table]:
    """The ruled tables and those that white space shows, which take the place of ruled parts of themselves.

    Short rules above and below the figures of a statement look like tables of their own, without any labels; and rules
    of two tables look like one that holds the prose between them.
    """
    candidates = [(each, table_without_rules(page, each)) for each in unruled_in(page)]
    kept, found = list(ruled), []
    for each, table in candidates:
        rivals = [other for other in ruled if _meet(other.region, each.region)]
        if not _is_plausible(table.rows) or any(_stands(page, rival, table, candidates) for rival in rivals):
            continue
        kept = [other for other in kept if other not in rivals]
        found.append(table)
    return sorted([*kept, *found], key=lambda table: table.region.top)


def _meet(one: Region, two: Region) -> bool:
    return one.top < two.bottom and two.top < one.bottom and one.x0 < two.x1 and two.x0 < one.x1


def _stands(page: Page, ruled: Table, table: Table, candidates: list[tuple[Unruled, Table]]) -> bool:
    """Whether a ruled table is to stay where white space shows another one.

    It is if it has labels of its own and one figure a cell, or holds much that white space shows nothing of.
    """
    body = ruled.rows[1:]
    if _has_prose(ruled.rows):
        return False
    if not _is_muddled(ruled.rows):
        whole = ruled.region.x0 <= table.region.x0 + 1 and ruled.region.x1 >= table.region.x1 - 8
        return whole or sum(any(map(str.isalpha, row[0])) for row in body) >= 0.5 * len(body)
    words = [word for word in page.words if ruled.region.holds(word)]
    shown = sum(any(each.region.holds(word) for each, _ in candidates) for word in words)
    filled = sum(2 * sum(bool(cell) for cell in column) >= len(ruled.rows) for column in zip(*ruled.rows, strict=True))
    return shown < _SHOWN * len(words) or filled > len(table.rows[0])


def _has_prose(rows: list[list[str]]) -> bool:
    return any(len(row[0]) > _LONGEST_TITLE and not any(row[1:]) for row in rows[1:])


def _is_muddled(rows: list[list[str]]) -> bool:
    """Whether the grid has several figures in a cell, or figures as titles."""
    cells = [cell for row in rows for cell in row[1:] if cell]
    several = sum(_is_several(cell) for cell in cells)
    figures = sum(is_amount(cell) and not is_year(cell) for cell in rows[0][1:])
    return several > 0.1 * len(cells) or 2 * figures >= len(rows[0])


def _is_several(cell: str) -> bool:
    return not is_value(cell) and cell.count(" ") > 0 and all(map(is_value, cell.split()))


def table_without_rules(page: Page, unruled: Unruled) -> Table:
    """The table of a stack of figures; its header is empty where nothing stands over the figures."""
    columns, region = unruled.columns, unruled.region
    head = [word for line in unruled.head for word in line]
    end = region.levels[1] if head else None
    frame = frame_of(columns, [*unruled.body, *unruled.head[-1:]], end)  # figures alone stand at the right of columns
    titles = titles_of(head, page, region, frame) if head else []
    rows = with_labels_whole(rows_of(unruled.body, columns), type_size(head or unruled.words))
    return _table(region, titles, rows)


def _table(region: Region, titles: list[Title], rows: list[Row]) -> Table:
    """The table without columns that say nothing."""
    count = len(rows[0].cells)
    grid = [flattened(titles, count), *(row.whole for row in rows)]
    kept = [column for column in range(count) if any(row[column].strip() for row in grid)]

    def narrowed(lines: list[list[str]]) -> list[list[str]]:
        return [[line[column] for column in kept] for line in lines]

    return Table(region, narrowed(grid), narrowed(in_two_rows(titles, count)))


def table_in(page: Page, region: Region) -> Table | None:
    """The table between the rules of `region`; `None` where no columns are found."""
    inside = [word for word in page.words if region.holds(word)]
    words = [word for line in lines_of(inside) for word in with_signs_attached(line)]
    if len(words) < 4:
        return None
    head, body_words, head_end = _head_and_body(words, region)
    if not body_words:
        return None
    lines = lines_of(body_words)
    columns = columns_of(lines, head, vertical_rules(page.uprights, region), region)
    if columns.count < 2:
        return None
    titles = titles_of(head, page, region, frame_of(columns, lines, head_end))
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
    return _table(region, titles, rows)


def _head_and_body(words: list[Word], region: Region) -> tuple[list[Word], list[Word], float | None]:
    """Header words, body words, and the height of the rule between them; without one the first line is the header."""
    levels = region.separators
    if len(levels) >= 3:
        end = levels[2] if len(levels) >= 4 and _has_second_header(words, levels) else levels[1]
        head = [word for word in words if word.baseline <= end]
        lines = lines_of(head)
        if len(lines) > 1 and all(_figures(line) >= 0.5 for line in lines):
            return [], words, None  # the titles stand above the rules, and rules part groups of rows
        return head, [word for word in words if word.baseline > end], end
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


def _is_plausible(rows: list[list[str]]) -> bool:
    """Whether the grid is a table and not a plot or a box of text: large enough, a quarter filled, no long cells."""
    cells = [cell for row in rows for cell in row]
    filled = sum(bool(cell) for cell in cells)
    return len(rows) >= 3 and len(rows[0]) >= 2 and filled >= 0.25 * len(cells) and max(map(len, cells)) < _LONGEST_CELL


def words_outside(words: list[Word], tables: list[Table]) -> list[Word]:
    """The words that stand in none of the tables."""
    return [word for word in words if not any(table.region.holds(word, slack=2) for table in tables)]
