r"""LaTeX tables as grids: `\multicolumn` and `\multirow` filled into every cell, header rows told by the first rule."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from loresmith.ingest.grids import Grid, grid_from
from loresmith.ingest.latex_scan import after_arguments, after_options, argument, option, split

_ROW_END = re.compile(r"\\\\\*?|\\tabularnewline(?![A-Za-z])")
_CELL_END = re.compile(r"&")
_FULL_RULE = re.compile(
    r"\\(hline|toprule|midrule|bottomrule|specialrule|hdashline|Xhline|thickhline|Hline|endhead|endfirsthead)(?![A-Za-z])"
)
_ROW_MARK = re.compile(
    r"\s*\\(?P<name>hline|toprule|midrule|bottomrule|specialrule|hdashline|Xhline|thickhline|Hline|cmidrule|cline|cdashline"
    r"|cdashlinelr|addlinespace|rowcolor|arrayrulecolor|noalign|morecmidrules|endhead|endfirsthead|endfoot|endlastfoot|rule"
    r"|rowstyle|midrulesep|vspace|label|rowfont|SetRow|centering|arraybackslash|tabucline|hhline|setlength)(?![A-Za-z])"
)
_ARGUMENTS = {
    "specialrule": 3, "cmidrule": 1, "cline": 1, "cdashline": 1, "rowcolor": 1, "arrayrulecolor": 1, "noalign": 1,
    "rule": 2, "Xhline": 1, "vspace": 1, "label": 1, "hhline": 1, "rowfont": 1, "rowstyle": 1, "cdashlinelr": 1,
    "setlength": 2, "tabucline": 1,
}  # fmt: skip
_REPEATED_HEAD = re.compile(r"\\endfirsthead(?![A-Za-z]).*?\\endhead(?![A-Za-z])", re.DOTALL)
_FEET = re.compile(r"(\\endhead(?![A-Za-z])).*?\\end(?:last)?foot(?![A-Za-z])(?!.*\\end(?:last)?foot)", re.DOTALL)
r"""What a `longtable` shows where it goes on to another page."""
_TRIM = re.compile(r"\s*\((?:[lr]|\{[^{}]*\})+\)")
r"""`(lr)` behind `\cmidrule`."""
_SPAN = re.compile(r"\\(multicolumn|multirow|multirowcell|SetCell)(?![A-Za-z])")
_WIDEST = 200
"""Columns."""
_TALLEST = 10_000
"""Rows."""
_MOST_HEADER_ROWS = 4
_FACES = re.compile(
    r"\\(?:textbf|textit|emph|bf|it|small|footnotesize|scriptsize|tiny|normalsize|bfseries|itshape|centering|cellcolor\s*\{[^{}]*\}|color\s*\{[^{}]*\})(?![A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    across: int = 1
    down: int = 1
    """Negative: upwards, as a `multirow` in its last row."""


def grid_of(content: str, text_of: Callable[[str], str]) -> Grid:
    """The cells of a tabular's content, behind the description of its columns; columns without text are left out."""
    rows, headers = _rows(_REPEATED_HEAD.sub(r"\\endhead", _FEET.sub(r"\1", content)))
    cells: dict[tuple[int, int], str] = {}
    titles = set[int]()
    upward: list[tuple[int, int, _Cell]] = []
    taken = set[tuple[int, int]]()
    for number, row in enumerate(rows):
        column = 0
        for source in row:
            if column >= _WIDEST:
                break
            cell = _cell(source, text_of, _WIDEST - column)
            if cell.text or (number, column) not in taken:
                _place(cells, taken, (number, column), cell, len(rows))
            if cell.down < -1:
                upward.append((number, column, cell))
            if cell.across > 1 and len(row) == 1:
                titles.add(number)
            column += cell.across
    for number, column, cell in upward:
        for above in range(max(0, number + cell.down + 1), number):
            if not cells.get((above, column)):
                cells[above, column] = cell.text
    return grid_from(_without_empty_columns(cells), len(rows), headers, titles)


def _place(
    cells: dict[tuple[int, int], str], taken: set[tuple[int, int]], place: tuple[int, int], cell: _Cell, height: int
) -> None:
    """Fill the cell and, where it is empty, what it spans; `taken` are places that wait below a tall one."""
    row, column = place
    for down in range(max(1, min(cell.down, height - row))):
        for right in range(cell.across):
            cells[row + down, column + right] = cell.text
            if down:
                taken.add((row + down, column + right))


def _without_empty_columns(cells: dict[tuple[int, int], str]) -> dict[tuple[int, int], str]:
    filled = sorted({column for (_, column), text in cells.items() if text})
    moved = {column: index for index, column in enumerate(filled)}
    return {(row, moved[column]): text for (row, column), text in cells.items() if column in moved}


def _rows(content: str) -> tuple[list[list[str]], int]:
    """The cells of each row as source, and how many rows stand above the first rule below a row."""
    rows: list[list[str]] = []
    headers = 0
    for before, piece in split(content, _ROW_END):
        source, has_rule = _without_marks(after_spacing(piece) if before else piece)
        if has_rule and not headers and any(any(map(str.strip, row)) for row in rows):
            headers = len(rows)
        if source.strip() and len(rows) < _TALLEST:
            rows.append([cell for _, cell in split(source, _CELL_END)])
    if not 0 < headers < len(rows) or headers > _MOST_HEADER_ROWS:
        headers = min(1, len(rows))
    return rows, headers


def after_spacing(piece: str) -> str:
    r"""The piece without the `[2pt]` that may follow `\\`."""
    given, after = option(piece, 0)
    return piece if given is None else piece[after:]


def _without_marks(piece: str) -> tuple[str, bool]:
    """The row without the rules and settings in front of it, and whether a rule over the whole width is among them."""
    at, has_rule = 0, False
    while mark := _ROW_MARK.match(piece, at):
        has_rule = has_rule or _FULL_RULE.match(piece, mark.start("name") - 1) is not None
        at = after_options(piece, mark.end())
        trim = _TRIM.match(piece, at)
        at = after_arguments(piece, trim.end() if trim else at, _ARGUMENTS.get(mark["name"], 0))
        at = after_options(piece, at)
        trim = _TRIM.match(piece, at)
        at = trim.end() if trim else at
    return piece[at:], has_rule


def _cell(source: str, text_of: Callable[[str], str], most: int) -> _Cell:
    """The cell with its spans; a span inside a span counts too."""
    across, down, at = 1, 1, 0
    text = source
    for _ in range(4):  # multicolumn around multirow around faces
        found = _SPAN.search(text)
        if found is None or not _leads(text[: found.start()]):
            break
        at = after_options(text, found.end())
        if found[1] == "SetCell":
            break
        count, at = argument(text, at)
        if found[1] == "multicolumn":
            across = max(1, min(most, _number(count)))
            at = argument(text, at)[1]
        else:
            down = max(-_TALLEST, min(_TALLEST, _number(count)))
            at = after_options(text, at)
            if found[1] == "multirow":
                at = after_options(text, argument(text, at)[1])
        body, behind = argument(text, at)
        text = f"{text[: found.start()]}{body}{text[behind:]}"
    return _Cell(text_of(text), across, down)


def _leads(before: str) -> bool:
    """Whether nothing but faces and spaces stands before a span."""
    return not _FACES.sub("", before).strip(" \t\n{")


def _number(text: str) -> int:
    digits = re.search(r"-?\d+", text)
    return int(digits[0]) if digits else 1
