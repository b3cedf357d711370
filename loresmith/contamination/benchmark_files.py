"""The files of benchmarks: which they are, what their bytes are, and the items that they hold.

JSON, JSON Lines, CSV and TSV (with a header or, as MMLU has it, without), Parquet, folders of these, and folders that
`datasets` saved. Not covered: archives, and benchmarks that are programs.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loresmith.contamination.items import Item, is_question, items_in
from loresmith.errors import UserError
from loresmith.exchange.files import BESIDE_ROWS, LONGEST_FIELD, SUFFIXES, Row, portions, rows_of

DELIMITERS = {".csv": ",", ".tsv": "\t"}
READABLE = (*SUFFIXES, ".tsv")
FEWEST_CELLS = 3
"""Of a table without header: question, choices, answer."""


def benchmark_files(entries: Sequence[str | Path]) -> dict[str, Path]:
    """The files that `entries` name, each under a name that is the same on every machine; folders are looked through.

    A folder that `datasets` saved stands for its files.

    Raises:
        UserError: nothing is there, or a folder holds no file that could be a benchmark.
    """
    found: dict[str, Path] = {}
    for entry in entries:
        root = Path(entry).resolve()
        if not root.exists():
            raise UserError(f"There is no benchmark at {entry}.", next_step="Name a file, or a folder with files.")
        inside = _inside(root)
        if not inside:
            raise UserError(
                f"{entry} holds no file that could be a benchmark.",
                next_step=f"Give {', '.join(READABLE)} files, or a folder with such files.",
            )
        for path in inside:
            name = f"{root.name}/{path.relative_to(root).as_posix()}" if path != root else _with_parent(path)
            found[_free(name, path, found)] = path
    return found


def items_of(name: str, path: Path) -> Iterator[Item]:
    """The items of one file, or of one folder that `datasets` saved; places begin with `name`.

    Raises:
        UserError: the file is damaged, or none of its rows holds a question; names its columns.
    """
    columns: dict[str, None] = {}
    is_empty = True
    for row in rows(path):
        columns.update(dict.fromkeys(map(str, row.content)))
        place = name + row.place.removeprefix(str(path))
        for item in items_in(row.content, place):
            is_empty = False
            yield item
    if is_empty:
        shown = ", ".join(list(columns)[:12]) or "none"
        raise NoQuestions(
            f"No row of {path} holds a question (columns: {shown}).",
            next_step="Rename its columns to question, choices, answer and context, or leave the file out.",
        )


def rows(path: Path) -> Iterator[Row]:
    """The rows of one file, or of one folder that `datasets` saved, with the split that the file itself names.

    Raises:
        UserError: the file is damaged.
    """
    if path.is_dir():
        yield from (replace(row, split=portion.split) for portion in portions(path) for row in portion.rows)
    elif path.suffix.lower() in DELIMITERS:
        yield from _table(path, DELIMITERS[path.suffix.lower()])
    else:
        yield from rows_of(path)


class NoQuestions(UserError):
    """A file is whole, but nothing in it is known as a question."""


def _inside(root: Path) -> list[Path]:
    if root.is_file() or _is_saved(root):
        return [root]
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and path.suffix.lower() in READABLE
        and path.name not in BESIDE_ROWS
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _is_saved(folder: Path) -> bool:
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def _with_parent(path: Path) -> str:
    """`gsm8k/test.jsonl`: many benchmarks call their file `test`."""
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def _free(name: str, path: Path, taken: Mapping[str, Path]) -> str:
    spare, number = name, 1
    while spare in taken and taken[spare] != path:
        number += 1
        spare = f"{name} ({number})"
    return spare


def _table(path: Path, delimiter: str) -> Iterator[Row]:
    """The rows of a table; a first line that names no question is a row as well (MMLU as it was published)."""
    csv.field_size_limit(LONGEST_FIELD)
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            header: list[str] | None = None
            for cells in reader:
                line = reader.line_num
                if header is None:
                    header = cells if any(map(is_question, cells)) else []
                    if header:
                        continue
                place = f"{path}, line {line}"
                yield Row(place, dict(zip(header, cells, strict=False)) if header else _headless(cells, path, line))
    except (csv.Error, UnicodeDecodeError, OSError) as fault:
        raise UserError(
            f"{path}, after line {line}, is no UTF-8 table: {fault}.", next_step="Check that line, or save it again."
        ) from fault


def _headless(cells: Sequence[str], path: Path, line: int) -> dict[str, object]:
    if len(cells) < FEWEST_CELLS:
        raise NoQuestions(
            f"{path}, line {line}: neither a header that names a question nor question, choices and answer.",
            next_step="Write a header with question, choices, answer or context, or leave the file out.",
        )
    return {"question": cells[0], "choices": list(cells[1:-1]), "answer": cells[-1]}
