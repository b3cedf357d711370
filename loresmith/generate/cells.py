"""Claims about table cells: row label and column header together ask for the value where they meet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from loresmith.generate.claims import Claim
from loresmith.generate.frames import heading_words, title_words
from loresmith.generate.pipe_tables import Row, Table, is_number, tables_of
from loresmith.generate.plain import capitalised
from loresmith.records import Chunk

_MEASURES = re.compile(
    r"^(?:metrics?|hyper-?parameters?|parameters?|propert(?:y|ies)|attributes?|quantit(?:y|ies)|measures?)\b",
    re.IGNORECASE,
)
_MAYBE_MEASURES = re.compile(
    r"^(?:benchmarks?(?: \([^)]*\))?|data ?sets?|settings?|items?|features?|aspects?|fields?|tasks?|models?)?$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z].*\d|[a-z][A-Z]|^[A-Z]{3,}")
_QUANTITY = re.compile(r"^#|\b(?:params?|parameters|size|length|rate|layers|heads|tokens)\b", re.IGNORECASE)
_VALUE_COLUMN = re.compile(r"^(?:values?|settings?|amounts?|entry|choice|default|result)$", re.IGNORECASE)
_PHRASE = re.compile(r"^[A-Z][a-z]+(?: [a-z][a-z-]*)+(?: \([^)]*\))?$")
_PLURAL = re.compile(r"^[a-z][a-z -]*[a-rt-z]s(?: \([^)]*\))?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that its row, its column and its table name together."""

    place: str
    """The table, as a question names it."""
    thing: str
    measure: str
    answer: str
    rivals: tuple[str, ...]
    """Cells of the same measure that are written like this one."""
    label: str
    quote: str
    """The label and the line of its row."""
    has_measure: bool
    """Whether the header says more than that the column holds values."""


def cell_claims(chunk: Chunk) -> Iterator[Claim]:
    """One claim per cell that can be named by its row and its column."""
    for cell in cells_in(chunk):
        asked = (
            asked_of_cell(cell.thing, cell.measure, cell.place, cell.answer)
            if cell.has_measure
            else _asked_value(cell.label, cell.place)
        )
        subject = f"{cell.measure} of {cell.thing} in {cell.place}"
        stated = f"{capitalised(cell.place)} gives ____ for {cell.thing} under “{cell.measure}”."
        yield Claim("cell", cell.quote, subject, cell.answer, asked, cell.rivals, stated=stated, about=(cell.label,))


def cells_in(chunk: Chunk) -> Iterator[Cell]:
    """The cells of the chunk's tables that can be asked for."""
    for table in tables_of(chunk):
        place = place_of(table, chunk)
        for row in table.rows:
            for index, column in enumerate(table.columns):
                if column and index < len(row.cells) and _is_like_its_column(table, row, index):
                    yield _cell(table, row, index, place)


def _cell(table: Table, row: Row, index: int, place: str) -> Cell:
    column, answer = table.columns[index], row.cells[index]
    by_column = rows_are_measures(table)
    thing, measure = (column, row.label) if by_column else (row.label, column)
    if by_column:
        rivals = [cell for cell in row.cells if cell]
    else:
        rivals = [other.cells[index] for other in table.rows if other is not row]
    alike = tuple(cell for cell in rivals if cell and is_number(cell) == is_number(answer))
    has_measure = _VALUE_COLUMN.match(column) is None
    return Cell(place, thing, measure, answer, alike, row.label, row.quote, has_measure)


def _is_like_its_column(table: Table, row: Row, index: int) -> bool:
    """Whether a cell is filled and no stray word among figures: a second header inside the table is no data."""
    filled = [is_number(other.cells[index]) for other in table.rows if other.cells[index]]
    return bool(row.cells[index]) and (is_number(row.cells[index]) or sum(filled) <= len(filled) / 2)


def rows_are_measures(table: Table) -> bool:
    """Whether the rows say what is measured and the columns of what: "Metric | GPT-4o | DeepSeek V3"."""
    if _MEASURES.match(table.corner):
        return True
    columns = [column for column in table.columns if column]
    named = sum(bool(_NAME.search(column)) for column in columns)
    if not _MAYBE_MEASURES.match(table.corner) or named <= len(columns) / 2:
        return False
    quantities = sum(bool(_QUANTITY.search(row.label)) for row in table.rows)
    is_benchmark_list = re.match(r"benchmark|data ?set|task", table.corner, re.IGNORECASE) is not None
    return (is_benchmark_list and not _QUANTITY.search(" ".join(columns))) or quantities > len(table.rows) / 2


def _asked_value(label: str, place: str) -> tuple[str, ...]:
    """Questions for a table whose column says no more than that it holds the value."""
    return (
        f"What value does {place} give for {label}?",
        f"Complete the sentence: {place} sets {label} to ____.",
        f"Which entry stands beside {label} in {place}?",
        f"Look up {label} in {place}. What is the answer?",
        f"In {place}, {label} is given as what?",
        f"State the entry for {label} from {place}.",
        f"A reader of {place} looks for {label}. What does it say?",
        f"What does the row {label} hold in {place}?",
    )


def asked_of_cell(thing: str, measure: str, place: str, answer: str) -> tuple[str, ...]:
    """Questions for the cell where `thing` and `measure` meet; they fit an `answer` that is a number, or is none."""
    small = measure[0].lower() + measure[1:] if _PHRASE.match(measure) else measure
    if is_number(answer):
        entry = "figure"
        named = (
            small if re.search(r"\b(?:value|rate|score|size|number|speed|share|error)\b", small) else f"{small} value"
        )
        direct = f"What are the {small} of {thing}" if _PLURAL.match(small) else f"What is the {named} of {thing}"
    else:
        entry = "entry"
        direct = f"What is given as the {small} of {thing}"
    return (
        f"{direct} in {place}?",
        f"Complete the sentence: {place} gives ____ for {thing} under “{measure}”.",
        f"Which {entry} does {place} report for {thing} and “{measure}”?",
        f"Look up {thing} in {place} and state the {small}.",
        f"According to {place}, {direct[0].lower()}{direct[1:]}?",
        f"Find the {small} of {thing} in {place}.",
        f"A reader of {place} looks for the {small} of {thing}. What is the answer?",
        f"What does {place} list for {thing} under “{measure}”?",
    )


def place_of(table: Table, chunk: Chunk) -> str:
    """The name of the table in a question: “Table 4 of “BERT””, or the table of its section."""
    title = title_words(chunk.title)
    if table.number:
        return f"Table {table.number} of {title}"
    heading = heading_words(chunk)
    if heading:
        return f"the table under “{heading}” in {title}"
    return f"the table in {title}"
