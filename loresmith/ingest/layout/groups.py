"""Labels that name a group of rows ("English", centred beside seven benchmarks) are written on every row of it."""

from itertools import pairwise
from typing import NamedTuple

from loresmith.ingest.layout.columns import Columns
from loresmith.ingest.layout.header import join_wrapped
from loresmith.ingest.layout.page import Rule
from loresmith.ingest.layout.regions import Region
from loresmith.ingest.layout.rows import Body, Row


class _Label(NamedTuple):
    baseline: float
    text: str


def fill_group_labels(rows: list[Row], body: Body, rules: list[Rule], region: Region, columns: Columns) -> None:
    """Write each group's label into the label columns of its rows; groups end at the rules that cross the column."""
    for column in range(body.label_columns):
        left, right = columns.edges[column], columns.edges[column + 1]
        crossing = {rule.y for rule in rules if rule.x0 <= left + 14 and rule.x1 >= min(right, region.x1) - 8}
        levels = sorted({region.top, *crossing, region.bottom})
        for top, bottom in pairwise(levels):
            members = [row for row in rows if top < row.baseline <= bottom + 1 and not row.is_section]
            strays = [row for row in body.strays if top < row.baseline <= bottom + 1]
            _fill_band(members, strays, column, body.size)


def _fill_band(members: list[Row], strays: list[Row], column: int, size: float) -> None:
    labels = sorted(_Label(row.baseline, row.cells[column]) for row in [*members, *strays] if row.cells[column])
    if not members or not labels:
        return
    groups = _grouped(labels, members, column, size)
    texts = [join_wrapped([label.text for label in group]) for group in groups]
    if len(groups) == 1:
        for row in members:
            row.cells[column] = texts[0]
        return
    centres = [(group[0].baseline + group[-1].baseline) / 2 for group in groups]
    top_aligned = any(abs(members[0].baseline - centre) < 0.5 for centre in centres)
    for row in members:
        if top_aligned:
            above = [number for number, centre in enumerate(centres) if centre <= row.baseline + 0.5]
            row.cells[column] = texts[max(above, default=0)]
        else:
            nearest = min(range(len(centres)), key=lambda number: abs(centres[number] - row.baseline))
            row.cells[column] = texts[nearest]


def _grouped(labels: list[_Label], members: list[Row], column: int, size: float) -> list[list[_Label]]:
    """Labels that are lines of one wrapped label, together: close under each other and not each on a row of its own."""
    groups = [[labels[0]]]
    for label in labels[1:]:
        above = groups[-1][-1]
        on_row = _is_on_row(label, members)
        wraps = not on_row or (len(labels) <= 2 and len(members) >= 2 and not _is_on_row(above, members))
        if label.baseline - above.baseline < 1.35 * size and wraps:
            groups[-1].append(label)
        else:
            groups.append([label])
    return groups


def _is_on_row(label: _Label, members: list[Row]) -> bool:
    return any(abs(row.baseline - label.baseline) < 0.5 for row in members)
