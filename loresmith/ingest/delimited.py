"""CSV and TSV as one Markdown table: the delimiter and the header are found out from the rows themselves.

Not covered: several tables in one file, more rows than `_MOST_ROWS` (the cut is noted in the text).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from loresmith.errors import Unreadable
from loresmith.ingest.content import text_of_file
from loresmith.ingest.long_tables import table_parts
from loresmith.records import Reading

_DELIMITERS = (",", ";", "\t", "|")
_MOST_ROWS = 50_000
_WIDEST = 500
"""Columns."""
_LONGEST_FIELD = 1 << 20
"""Characters; the csv module's own limit is 128 Ki."""
_SAMPLE_ROWS = 100
_NUMERIC = re.compile(r"[-+(]?[$€£¥]?\s?\d[\d.,' ]*(?:[eE][-+]?\d+)?\s?[%)]?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")


class DelimitedReader:
    """Reads tables whose cells are parted by commas, semicolons, tabs or bars."""

    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def read(self, path: Path) -> Reading:
        """One table, cut into parts where it is long.

        Raises:
            Unreadable: empty or binary content, or a field that is absurdly long.
        """
        text = text_of_file(path)
        csv.field_size_limit(_LONGEST_FIELD)
        try:
            delimiter = "\t" if path.suffix.lower() == ".tsv" else delimiter_of(text)
            try:
                rows = rows_in(text, delimiter)
            except csv.Error:  # a quote without an end would swallow the rest of the file into one cell
                rows = rows_in(text, delimiter, csv.QUOTE_NONE)
        except csv.Error as fault:
            raise Unreadable(path, f"no table that can be parsed ({fault})") from fault
        if not rows:
            raise Unreadable(path, "no cell with text")
        cut = len(rows) > _MOST_ROWS
        header, body = header_and_body(rows[:_MOST_ROWS])
        blocks = list(table_parts(header, body))
        if cut:
            blocks.append(f"Cut after {_MOST_ROWS} rows.")
        return Reading(title=path.stem, markdown="\n\n".join(blocks) + "\n", pages=None)


def delimiter_of(text: str) -> str:
    """The character that parts the first rows into the most columns, the same number in nearly every row."""
    sample = "\n".join(text.split("\n")[:_SAMPLE_ROWS])

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        width, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (count / len(widths), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=evenness)


def rows_in(text: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> list[list[str]]:
    """Rows with a cell that is not empty, without columns that are empty in all of them; at most one too many.

    Raises:
        csv.Error: quotes that do not pair, unless `quoting` is `csv.QUOTE_NONE`, or a field that is too long.
    """
    source = io.StringIO(text, newline="")  # str.splitlines would also end rows at form feeds and U+2028
    lines = csv.reader(source, delimiter=delimiter, skipinitialspace=True, quoting=quoting, strict=True)
    wanted = ([cell.strip() for cell in row[:_WIDEST]] for row in lines if any(cell.strip() for cell in row))
    rows = list(islice(wanted, _MOST_ROWS + 1))
    width = max(map(len, rows), default=0)
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    filled = [column for column in range(width) if any(row[column] for row in full)]
    return [[row[column] for column in filled] for row in full]


def header_and_body(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[Sequence[str]]]:
    """The first row and the rest; where the first row is data like all others, its columns are numbered instead."""
    first, rest = rows[0], list(rows[1:])
    sample = rest[:_SAMPLE_ROWS]
    if any(is_number(cell) and _is_numeric_column(sample, column) for column, cell in enumerate(first)):
        return [f"Column {number}" for number in range(1, len(first) + 1)], list(rows)
    return list(first), rest


def is_number(cell: str) -> bool:
    """Whether the cell is a number, an amount, a share or a date."""
    return _NUMERIC.fullmatch(cell.strip()) is not None


def _is_numeric_column(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column holds numbers that are not years: 2019 is as often a header as a value."""
    filled = [row[column] for row in rows if row[column]]
    return bool(filled) and all(is_number(cell) for cell in filled)
