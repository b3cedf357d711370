"""The body of a table as rows of cells: section titles, spanning cells and wrapped cells are recognised here."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from loresmith.ingest.layout.columns import Columns
from loresmith.ingest.layout.header import join_wrapped
from loresmith.ingest.layout.lines import runs_of, text_of, type_size
from loresmith.ingest.layout.page import Line, Word

_FIGURES_ONLY = re.compile(r"[-–\d.,%±×()\s]+")


@dataclass(slots=True)
class Row:
    """One row on its way to the table; its cells are filled in place while the table is built."""

    baseline: float
    cells: list[str]
    is_section: bool = False
    """One title over the whole row."""
    title: str = ""
    """Text of a section row."""

    @property
    def filled(self) -> list[int]:
        """Columns with text."""
        return [column for column, text in enumerate(self.cells) if text]

    @property
    def whole(self) -> list[str]:
        """The cells as they are written; the title of a section stands in the first."""
        return [self.title, *[""] * (len(self.cells) - 1)] if self.is_section else self.cells


@dataclass(slots=True)
class Body:
    """Rows that carry values, and lines that hold only parts of labels."""

    rows: list[Row]
    strays: list[Row]
    label_columns: int
    """Leading columns that name rows or groups of rows."""
    size: float = field(default=9.0)
    """Type size of the body."""


def body_of(lines: list[Line], columns: Columns) -> Body:
    """The rows of the body lines, and which of its leading columns hold labels."""
    rows = rows_of(lines, columns)
    label_columns = _label_columns(rows, columns.count)
    carriers = [row for row in rows if row.is_section or any(column >= label_columns for column in row.filled)]
    strays = [row for row in rows if row not in carriers]
    return Body(carriers, strays, label_columns, type_size(word for line in lines for word in line))


def rows_of(lines: list[Line], columns: Columns) -> list[Row]:
    """Each line as a row."""
    starts = _common_starts(lines, columns)
    return [_row(line, columns, starts) for line in lines]


def _row(line: Line, columns: Columns, starts: dict[int, float]) -> Row:
    runs = runs_of(line, 0.9)
    words: dict[int, list[Word]] = defaultdict(list)
    for word in line:
        words[columns.of(word)].append(word)
    if len(runs) == 1 and ((len(words) > 1 and columns.crossed(runs[0])) or _is_centred(runs[0], columns)):
        return Row(line[0].baseline, [""] * columns.count, is_section=True, title=text_of(line))
    for run in runs:
        covered = columns.covered(run)
        if len(covered) > 1 and columns.bridged(run) and not _is_aligned(run, columns, starts):
            # a spanning cell: its text stays in its first column
            for column in covered:
                words[column] = [word for word in words[column] if word not in run]
            words[covered[0]] += run
    return Row(line[0].baseline, [text_of(words[column]) if words[column] else "" for column in range(columns.count)])


def _is_centred(run: Line, columns: Columns) -> bool:
    """Whether a line with nothing else stands in the middle of the table: a title over all columns."""
    off = (run[0].x0 + run[-1].x1) / 2 - (columns.edges[0] + columns.edges[-1]) / 2
    return (
        abs(off) < 4
        and columns.of(run[0]) > 0
        and any(map(str.isalpha, run[0].text))
        and (len(run) > 1 or run[0].bold or run[0].italic)
    )


def _common_starts(lines: list[Line], columns: Columns) -> dict[int, float]:
    """Where the words of a column begin, for columns whose lines mostly begin at one place."""
    begins: dict[int, list[float]] = defaultdict(list)
    for line in lines:
        for column, words in groupby(line, key=columns.of):
            begins[column].append(next(words).x0)
    starts: dict[int, float] = {}
    for column, places in begins.items():
        place, count = Counter(map(round, places)).most_common(1)[0]
        near = [each for each in places if abs(each - place) <= 1]
        if count >= 2 and len(near) >= 0.4 * len(places):
            starts[column] = sum(near) / len(near)
    return starts


def _is_aligned(run: Line, columns: Columns, starts: dict[int, float]) -> bool:
    """Whether at each border the run crosses a word begins where the column's other words begin."""
    begins = {column: next(words).x0 for column, words in groupby(run, key=columns.of)}
    return all(abs(x0 - starts.get(column, -99)) < 1 for column, x0 in list(begins.items())[1:])


def _label_columns(rows: list[Row], count: int) -> int:
    """Columns left of the first one that nearly every full row fills; at most 3, and at least one column stays.

    A label that stands between two rows, closer than rows stand to each other, makes its column a label column too.
    """
    least = int(_labels_between(rows))
    widest = max(len(row.filled) for row in rows)
    full = [row for row in rows if len(row.filled) >= max(2, 0.5 * widest)]
    for column in range(count):
        if sum(column in row.filled for row in full) >= 0.85 * len(full):
            return min(max(column, least), count - 1, 3)
    return min(count - 1, 3)


def _labels_between(rows: list[Row]) -> bool:
    """Whether lines with nothing but a first cell stand between rows rather than on a row of their own."""
    carriers = [row for row in rows if len(row.filled) > 1]
    steps = sorted(below.baseline - above.baseline for above, below in pairwise(carriers))
    if len(steps) < 3:
        return False
    pitch = steps[len(steps) // 2]
    between = [
        row
        for above, row, below in zip(rows, rows[1:], rows[2:], strict=False)
        if row.filled == [0] and not row.is_section and 0 not in above.filled and 0 not in below.filled
        if row.baseline - above.baseline < 0.75 * pitch and below.baseline - row.baseline < 0.75 * pitch
    ]
    return bool(between)


def with_wraps_joined(body: Body, bands: list[tuple[float, float]]) -> list[Row]:
    """Rows whose cells go on over several lines, as one row each.

    In a table ruled between its rows every band between two rules is a row; otherwise a line with few cells, all of
    them words under cells that are filled, goes on with the row above.
    """
    hit = sum(any(top < row.baseline <= bottom for row in body.rows) for top, bottom in bands)
    if len(bands) >= 3 and hit >= 0.6 * len(body.rows):
        return _rows_of_bands(body.rows, bands)
    if body.label_columns:
        return body.rows
    joined: list[Row] = []
    for row in body.rows:
        if joined and _continues(row, joined[-1], body.size):
            for column in row.filled:
                joined[-1].cells[column] = join_wrapped([joined[-1].cells[column], row.cells[column]])
        else:
            joined.append(row)
    return joined


def _rows_of_bands(rows: list[Row], bands: list[tuple[float, float]]) -> list[Row]:
    joined: list[Row] = []
    for top, bottom in bands:
        inside = [row for row in rows if top < row.baseline <= bottom]
        widest = max((len(row.filled) for row in inside), default=0)
        sparse = sum(len(row.filled) <= max(1, widest // 2) for row in inside)
        if len(inside) > 1 and sparse >= len(inside) - 1 and not any(row.is_section for row in inside):
            columns = range(len(inside[0].cells))
            cells = [join_wrapped([row.cells[column] for row in inside if row.cells[column]]) for column in columns]
            joined.append(Row(inside[0].baseline, cells))
        else:
            joined += inside
    return joined


def _continues(row: Row, above: Row, size: float) -> bool:
    filled = row.filled
    return (
        not row.is_section
        and not above.is_section
        and 0 not in filled
        and len(filled) <= max(1, len(row.cells) // 3)
        and row.baseline - above.baseline < 1.3 * size
        and all(above.cells[column] for column in filled)
        and not any(_FIGURES_ONLY.fullmatch(row.cells[column]) for column in filled)
    )


def with_labels_whole(rows: list[Row], size: float) -> list[Row]:
    """Rows whose label goes on over several lines, as one row each; other lines with a label alone stay titles.

    The figures may stand beside the first line of the label or beside its last one.
    """
    whole: list[Row] = []
    for row in rows:
        above = whole[-1] if whole else None
        label = row.title or row.cells[0]
        if above is None or not _label_goes_on(above, row, label, size):
            whole.append(row)
            continue
        text = join_wrapped([above.title or above.cells[0], label])
        cells = above.cells if len(above.filled) > 1 else row.cells
        whole[-1] = Row(row.baseline, [text, *cells[1:]])
    return whole


def _label_goes_on(above: Row, row: Row, label: str, size: float) -> bool:
    """Whether `row` begins with the rest of the label above it: in small letters, or closer than rows stand."""
    before = above.title or above.cells[0]
    has_figures = [len(each.filled) > 1 for each in (above, row)]
    if all(has_figures) or not before or not label or before.endswith(":"):
        return False
    return label[0].islower() or (has_figures == [False, True] and row.baseline - above.baseline < 1.1 * size)
