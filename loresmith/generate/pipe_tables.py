"""A pipe table in a chunk as header, labels and rows; what cannot be read with certainty is left out."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from loresmith.generate.plain import plain
from loresmith.records import Chunk

_RULE = re.compile(r"^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")
_CELL_BREAK = re.compile(r"(?<!\\)\|")
_CAPTION = re.compile(
    r"^\W*(?:Table|TABLE|Tab\.)\s+(?P<number>[A-Z]?\.?\d+[a-z]?)\W*\s*[:.|—–-]\W*(?P<words>.*)$", re.DOTALL
)
_NUMERIC = re.compile(r"^[~≈<>≤≥+−-]?\s*[$€£]?\d[\d,.]*\s*(?:%|[A-Za-zµ°]{1,6}|×)?(?:\s*[±(/].*)?$")
_EMPTY = frozenset(["", "-", "–", "—", "−", "n/a", "na", "none", "?", "/", "✓", "✗", "×", "yes", "no", "...", "tbd"])
_DEBRIS = re.compile(r"[][{}\\√∑∏∫□�︀-️]|<br|https?:|continued|\w\|\w")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of values under a label that no other row has."""

    quote: str
    """The row's line as it stands in the chunk."""
    label: str
    cells: tuple[str, ...]
    """Plain, one per column of the table; empty where nothing can be asked."""
    written: tuple[str, ...]
    """The same cells as they are written, plain; empty where the document leaves them empty."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be asked about."""

    number: str
    """As in its caption; empty without one."""
    caption: str
    corner: str
    """What stands above the labels."""
    columns: tuple[str, ...]
    """Headers of the value columns; empty where a header is missing or repeated."""
    rows: tuple[Row, ...]
    head: str
    """The header's line as it stands in the chunk."""
    body: str
    """All lines below the header's rule, as they stand in the chunk."""
    is_whole: bool
    """Whether every line of the body that has a value is one of `rows`."""


def tables_of(chunk: Chunk) -> Iterator[Table]:
    """The tables of the chunk with at least two rows and one column that can be asked about."""
    lines = chunk.text.split("\n")
    index = 0
    while index < len(lines) - 1:
        end = index + 1
        if "|" in lines[index] and "|" in lines[index + 1] and _RULE.match(lines[index + 1].strip()):
            while end < len(lines) and "|" in lines[end]:
                end += 1
            caption = _caption(lines, index, end)
            for head, body in _parts(lines[index], lines[index + 2 : end]):
                table = _table(head, body, caption)
                if table is not None:
                    yield table
        index = end


def _parts(head: str, lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The header with its rows, and each second header inside the table, which begins alike, with the rows below it."""
    titles, first = cells_of(head), 0
    for index, line in enumerate(lines):
        cells = cells_of(line)
        if len(cells) == len(titles) > 2 and cells[:2] == titles[:2] and cells != titles:
            yield head, lines[first:index]
            head, first = line, index + 1
    yield head, lines[first:]


def cells_of(line: str) -> list[str]:
    """The plain cells of one line."""
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [plain(cell.replace("\\|", "|")) for cell in _CELL_BREAK.split(inner)]


def is_number(cell: str) -> bool:
    """Whether a cell holds one figure, with its sign or unit."""
    return bool(_NUMERIC.match(cell))


def is_empty(cell: str) -> bool:
    """Whether a cell says nothing that can be asked: a dash, a tick, "n/a"."""
    return cell.casefold() in _EMPTY


def _caption(lines: list[str], start: int, end: int) -> tuple[str, str]:
    before = next((line for line in reversed(lines[:start]) if line.strip()), "")
    after = next((line for line in lines[end:] if line.strip()), "")
    for line in (before, after):
        if found := _CAPTION.match(line.strip()):
            words = re.split(r"(?<=[a-z0-9)])\.\s", plain(found["words"]))[0].rstrip(". ")
            return found["number"], words
    return "", ""


def _table(head: str, lines: list[str], caption: tuple[str, str]) -> Table | None:
    header = cells_of(head)
    body = [(line, cells_of(line)) for line in lines]
    whole = [(line, cells) for line, cells in body if len(cells) == len(header)]
    first = _first_value_column(header, [cells for _, cells in whole])
    if first is None or len(whole) < 2:
        return None
    at = _label_column(first, [cells for _, cells in whole])
    kept = [(line, cells[at], cells[first:]) for line, cells in whole]
    names = Counter(label.casefold() for _, label, _ in kept)
    rows = tuple(
        Row(line.strip(), label, tuple(map(_askable, cells)), tuple("" if is_empty(cell) else cell for cell in cells))
        for line, label, cells in kept
        if _is_label(label) and names[label.casefold()] == 1 and any(_askable(cell) for cell in cells)
    )
    titles = Counter(title.casefold() for title in header)
    columns = tuple(title if _is_label(title) and titles[title.casefold()] == 1 else "" for title in header[first:])
    if len(rows) < 2 or not any(columns):
        return None
    left_out = (
        len(body) - len(whole) + sum(any(not is_empty(cell) for cell in cells) for _, _, cells in kept) - len(rows)
    )
    quoted = head.strip(), "\n".join(lines).strip()
    return Table(caption[0], caption[1], header[at], columns, rows, *quoted, is_whole=not left_out)


def _first_value_column(header: list[str], rows: list[list[str]]) -> int | None:
    """Index of the first column of values; the column before it holds the labels. `None`: no labels are found."""
    if len(header) < 2 or not rows:
        return None
    for index in range(min(3, len(header))):
        filled = [row[index] for row in rows if not is_empty(row[index])]
        figures = sum(is_number(cell) for cell in filled)
        if filled and figures > len(filled) / 2:
            return index or None
    return 1


def _label_column(first: int, rows: list[list[str]]) -> int:
    """Index of the column before `first` whose entries differ most: names, rather than groups or settings."""
    return max(range(first), key=lambda index: (len({row[index].casefold() for row in rows}), -index))


def _askable(cell: str) -> str:
    words = cell.split()
    if is_empty(cell) or _DEBRIS.search(cell) or len(words) > 8 or len(cell) > 80:
        return ""
    figures = [word for word in words if re.fullmatch(r"[\d.,%]+", word)]
    return "" if len(figures) > 1 or not re.search(r"\w", cell) else cell


def _is_label(text: str) -> bool:
    names_something = re.search(r"[A-Za-z]{2}|[A-Za-z]\d|^[A-Z]\b|\d+[BMKbk]\b", text)
    if not names_something or _DEBRIS.search(text) or len(text.split()) > 10:
        return False
    if "?" in text or re.search(r"\b(?:should|must|can|may|will|is|are|do|does|not)$", text):
        return False
    lonely = sum(len(word) == 1 and word.isalpha() for word in text.split())
    return lonely <= 1 and len(text) <= 70
