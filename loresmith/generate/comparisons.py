"""Claims that compare the figures of one table: which row, or which column, has the highest or the lowest.

The quote is the line that names the winner; the lines compared go along as further evidence. Directions are said in
words that judge nothing, since the higher figure is not always the better one.

Not covered: ties, tables that are cut into several chunks or share their name with another, figures with a spread
(85.2 ± 0.3) or of several units, ranks, years, and sums over other rows.
"""

import re
from collections.abc import Iterator, Sequence

from loresmith.generate.cells import place_of, rows_are_measures
from loresmith.generate.claims import Claim
from loresmith.generate.pipe_tables import Table, tables_of
from loresmith.generate.plain import capitalised
from loresmith.generate.survey import Survey
from loresmith.records import Chunk

FEWEST = 3
"""Figures that are compared; of two, the question would be a coin's toss."""
_WIDEST = 1000.0
"""Figures further apart than this factor measure different things."""
_FIGURE = re.compile(
    r"^(?P<sign>[+−–-]?)(?P<money>[$€£]?)(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)\s?(?P<unit>%|[A-Za-zµ°×]{1,6})?$"
)
_NO_AMOUNT = re.compile(
    r"^#?(?:values?|settings?|default|entry|choice|result)?$|\b(?:years?|dates?|rank(?:ing)?|id|no|version|index|page"
    r"|seed|stage|phase|shots?|lines?|release[ds]?|cut-?off|ports?|codes?|numbers?|chapters?|sections?)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"\b(?:total|sum|overall|all|average|avg|mean|median|random|baseline|human)\b|^Δ", re.IGNORECASE)
_MIXED = re.compile(
    r"\b(?:metrics?|parameters?|propert(?:y|ies)|attributes?|quantit(?:y|ies)|measures?|benchmarks?|data ?sets?|tasks?"
    r"|settings?|statistics?|evaluation|test|exams?)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z].*\d|[a-z][A-Z]|^[A-Z]{3,}")


def comparison_claims(chunk: Chunk, survey: Survey) -> Iterator[Claim]:
    """The highest and the lowest of each column of one measure, or of each row where the rows are the measures."""
    for table in tables_of(chunk):
        place = place_of(table, chunk)
        if not table.is_whole or not survey.has_whole_table(chunk, place):
            continue
        by_column = rows_are_measures(table)
        found = _columns_of_rows(table) if by_column else _rows_of_columns(table)
        for measure, named in found:
            for top, winner in _extremes(named):
                rivals = tuple(name for name, _ in named if name != winner)
                quote = table.head if by_column else next(row.quote for row in table.rows if row.label == winner)
                lines = next(row.quote for row in table.rows if row.label == measure) if by_column else table.body
                asked = _asked(place, measure, top, "column" if by_column else "row")
                stated = (
                    f"Of the {'columns' if by_column else 'rows'} of {place}, ____ has the {top} value for “{measure}”."
                )
                subject = f"{top} {measure} in {place}"
                yield Claim("comparison", quote, subject, winner, asked, rivals, also=((chunk, lines),), stated=stated)


def _rows_of_columns(table: Table) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each column that holds one measure, with the labels and cells of its rows."""
    if _MIXED.search(table.corner) or any(_SUM.search(row.label) for row in table.rows):
        return
    for index, column in enumerate(table.columns):
        if column and not _NO_AMOUNT.search(column):
            yield column, [(row.label, row.written[index]) for row in table.rows if row.written[index]]


def _columns_of_rows(table: Table) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each row that holds one measure, with the headers and cells of its columns."""
    for row in table.rows:
        cells = [(column, cell) for column, cell in zip(table.columns, row.written, strict=True) if cell]
        named = all(_NAME.search(column) and not _SUM.search(column) for column, _ in cells)
        if named and not _NO_AMOUNT.search(row.label):
            yield row.label, cells


def _extremes(named: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """`highest` and `lowest` with the name that has it alone; nothing where a cell is no plain figure of one unit."""
    found = [_FIGURE.match(cell) for _, cell in named]
    figures = [figure for figure in found if figure is not None]
    if len(figures) < max(FEWEST, len(named)) or len({(figure["money"], figure["unit"]) for figure in figures}) > 1:
        return
    values = [
        float(figure["number"].replace(",", "")) * (-1 if figure["sign"] not in ("", "+") else 1) for figure in figures
    ]
    smallest = min(abs(value) for value in values)
    if not smallest or max(map(abs, values)) / smallest > _WIDEST or all(1900 <= value <= 2100 for value in values):
        return
    for top, best in (("highest", max(values)), ("lowest", min(values))):
        if values.count(best) == 1:
            yield top, named[values.index(best)][0]


def _asked(place: str, measure: str, top: str, line: str) -> tuple[str, ...]:
    return (
        f"Which {line} of {place} has the {top} value for “{measure}”?",
        f"Complete the sentence: For “{measure}”, the {top} value in {place} is that of ____.",
        f"Compare the {line}s of {place} by “{measure}”. Which one stands {top}?",
        f"Name the {line} with the {top} figure for “{measure}” in {place}.",
        f"A reader of {place} looks for the {top} “{measure}”. Which {line} has the answer?",
        f"{capitalised(place)} lists several figures for “{measure}”. To which {line} does the {top} belong?",
    )
