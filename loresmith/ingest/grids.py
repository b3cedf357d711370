"""Grids of table cells, whatever format they came from, made ready to be written as pipe tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column, spans already expanded; the first `header_rows` are headers."""

    rows: list[list[str]]
    header_rows: int


def grid_from(cells: dict[tuple[int, int], str], height: int, header_rows: int, titles: set[int]) -> Grid:
    """The grid of texts placed by (row, column); empty rows are left out, gaps are empty cells.

    `titles` are the rows with a single cell that spans: over the whole width it stands once, in the first column.
    """
    width = max((column for _, column in cells), default=-1) + 1
    rows = [[cells.get((row, column), "") for column in range(width)] for row in range(height)]
    kept = [(number, row) for number, row in enumerate(rows) if any(row)]
    headers = sum(number < header_rows for number, _ in kept)
    # where a header has several rows, a title over all columns is part of the header of each
    repeated = header_rows if headers > 1 else 0
    body = [[row[0], *[""] * (width - 1)] if repeated <= number and number in titles else row for number, row in kept]
    return Grid(body, min(headers, max(0, len(body) - 1)))


def rows_of(grid: Grid) -> list[list[str]]:
    """The grid with one header row; each column's header is all that stands above it, outermost first."""
    if grid.header_rows <= 1:
        return grid.rows
    header = []
    for column in range(len(grid.rows[0])):
        parts: list[str] = []
        for row in grid.rows[: grid.header_rows]:
            if row[column] and row[column] not in parts:
                parts.append(row[column])
        header.append(" ".join(parts))
    return [header, *grid.rows[grid.header_rows :]]
