"""Tables that are too long to be one: cut into parts that each repeat the header."""

from collections.abc import Iterator, Sequence

from loresmith.ingest.markup import pipe_table

_ROWS_PER_PART = 500


def table_parts(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """One pipe table, or several, each below a line that says which rows it holds, counted from 1."""
    if len(rows) <= _ROWS_PER_PART:
        yield pipe_table([header, *rows])
        return
    for start in range(0, len(rows), _ROWS_PER_PART):
        part = rows[start : start + _ROWS_PER_PART]
        yield f"Rows {start + 1} to {start + len(part)} of {len(rows)}"
        yield pipe_table([header, *part])
