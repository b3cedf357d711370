"""Rows out of files and folders: JSON, JSON Lines, CSV, Parquet, and what `datasets.save_to_disk` leaves.

A folder is read file by file, in the order of the names, so a copy of a Hub dataset's folder needs no network. Not
covered: archives, and column names that a `dataset_info.json` or a card maps to others.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.artifact import DROPPED
from loresmith.errors import PackageMissing, UserError
from loresmith.exchange.calls import dumped
from loresmith.exchange.row_format import Content

SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
REPORT = "loresmith-dataset.json"
"""What the conversion that made a folder says about itself."""
BESIDE_ROWS = {REPORT, DROPPED, "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "eval"), "validation"),
    **dict.fromkeys(("test",), "test"),
    "recall": "recall",
    "transfer": "transfer",
}
SPLIT = re.compile(r"\w+([.-]\w+)*")
"""A split's name, which becomes the name of a file."""
LISTS = {"data", "rows", "examples", *SPLITS}
"""Keys of a JSON object under which its rows are listed."""
ESCAPED_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
LONGEST_FIELD = 1 << 20
"""Characters of a CSV cell; the csv module's own limit is 128 Ki."""


@dataclass(frozen=True)
class Row:
    """One row and where it stands."""

    place: str
    content: Content
    split: str = ""
    """The one that the file itself names for it; empty when it names none."""


@dataclass(frozen=True)
class Portion:
    """Rows that belong to one split, of one file."""

    split: str
    path: Path
    rows: tuple[Row, ...]


def portions(source: Path) -> Iterator[Portion]:
    """The rows of a file, or of every file of rows in a folder.

    Raises:
        UserError: nothing is there, a file is of no known kind, or a line of it is damaged; names the line.
    """
    if source.is_dir():
        yield from _in_folder(source)
    elif source.is_file():
        yield from _in_file(source, split_of(source.stem))
    else:
        raise UserError(f"There is nothing at {source}.", next_step="Give a file of rows, or a folder with such files.")


def split_of(name: str) -> str:
    """The split that a file's or folder's name says; `train` when it says none."""
    return SPLITS.get(_first_word(name), "train")


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of one file.

    Raises:
        UserError: see `portions`.
    """
    kinds = {".jsonl": _json_lines, ".json": _json, ".csv": _csv, ".parquet": _parquet}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise UserError(
            f"{path} is no file of rows ({path.suffix or 'no suffix'}).",
            next_step=f"Give one of {', '.join(SUFFIXES)}.",
        )
    try:
        yield from kind(path)
    except UnicodeDecodeError as fault:
        raise UserError(f"{path} is not UTF-8 (byte {fault.start}).", next_step="Save it as UTF-8.") from fault
    except OSError as fault:
        raise UserError(
            f"{path} cannot be read: {fault.strerror or fault}.", next_step="Check the file and its rights."
        ) from fault


def _in_file(path: Path, split: str) -> Iterator[Portion]:
    rows = tuple(rows_of(path))
    for named in dict.fromkeys(row.split for row in rows) or [""]:
        yield Portion(named or split, path, tuple(row for row in rows if row.split == named))


def _in_folder(folder: Path) -> Iterator[Portion]:
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        yield from _saved_to_disk(folder)
        return
    inside = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    found = [path for path in inside if path.name not in BESIDE_ROWS and not _is_hidden(path.relative_to(folder))]
    if not found:
        raise UserError(
            f"{folder} holds no file of rows.", next_step=f"Give a folder with {', '.join(SUFFIXES)} files in it."
        )
    for path in found:
        named = [part for part in (path.stem, path.parent.name) if _first_word(part) in SPLITS]
        yield from _in_file(path, split_of(named[0] if named else path.stem))


def _first_word(name: str) -> str:
    return re.split(r"[-_.]", name.lower(), maxsplit=1)[0]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _row(f"{path}, line {number}", _parsed(line, path, number))


def _json(path: Path) -> Iterator[Row]:
    whole = path.read_text(encoding="utf-8-sig")
    try:
        found = _loaded(whole)
    except ValueError as fault:
        if isinstance(fault, json.JSONDecodeError) and fault.msg == "Extra data":  # JSON Lines under another suffix
            yield from _json_lines(path)
            return
        line = fault.lineno if isinstance(fault, json.JSONDecodeError) else 1
        raise _not_json(path, line, fault) from fault
    if isinstance(found, Mapping):
        lists = _lists_of_rows(found, path)
    elif isinstance(found, list):
        lists = {"": found}
    else:
        raise UserError(f"{path} holds no list of rows.", next_step="Give a JSON list of objects.")
    for name, rows in lists.items():
        where = f"{path}, {name} row" if len(lists) > 1 else f"{path}, row"
        for number, content in enumerate(rows, 1):
            yield _row(f"{where} {number}", content, SPLITS.get(name.lower(), ""))


def _lists_of_rows(found: Mapping[str, Any], path: Path) -> dict[str, list[Any]]:
    """The lists of rows in an object by their keys; the object alone when it is a row itself."""
    lists = {name: rows for name, rows in found.items() if name.lower() in LISTS and isinstance(rows, list)}
    if not lists:
        return {"": [found]}
    others = [name for name, rows in found.items() if name not in lists and _is_list_of_objects(rows)]
    if others:
        raise UserError(
            f"{path} lists objects under {', '.join(others)}, beside the rows under {', '.join(lists)}.",
            next_step=f"Put each list of rows under one of {', '.join(sorted(LISTS))}, and remove the others.",
        )
    return lists


def _is_list_of_objects(rows: Any) -> bool:
    return isinstance(rows, list) and any(isinstance(row, Mapping) for row in rows)


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        try:
            for content in reader:
                if None in content:
                    raise UserError(
                        f"{path}, line {reader.line_num} has more cells than the header.",
                        next_step="Put cells that hold commas into double quotes.",
                    )
                yield Row(f"{path}, line {reader.line_num}", {k: "" if v is None else v for k, v in content.items()})
        except csv.Error as fault:
            raise UserError(
                f"{path}, line {reader.reader.line_num} is not CSV: {fault}.",
                next_step="Check the quotes of that line.",
            ) from fault


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as fault:
        raise PackageMissing("pyarrow", needed_for="Reading Parquet", extra="datasets") from fault
    try:
        number = 0
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                for content in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}, row {number}", content)
    except pyarrow.ArrowException as fault:
        raise UserError(
            f"{path} is no Parquet file that can be read: {fault}.", next_step="Download or write it again."
        ) from fault


def _saved_to_disk(folder: Path) -> Iterator[Portion]:
    try:
        from datasets import DatasetDict, load_from_disk
    except ImportError as fault:
        raise PackageMissing("datasets", needed_for="Reading a saved `datasets` folder", extra="datasets") from fault
    try:
        found = load_from_disk(str(folder))
    except (OSError, ValueError, KeyError) as fault:
        raise UserError(f"{folder} is no whole `datasets` folder: {fault}.", next_step="Save it again.") from fault
    splits = found if isinstance(found, DatasetDict) else {"train": found}
    for name, rows in splits.items():
        if not SPLIT.fullmatch(str(name)):
            raise UserError(
                f"{folder} holds a split named {str(name)!r}, which cannot name a file.",
                next_step="Save it again with letters, digits, dashes and dots in the names of splits.",
            )
        listed = (Row(f"{folder}, {name} row {number}", content) for number, content in enumerate(rows, 1))
        yield Portion(SPLITS.get(str(name), str(name)), folder, tuple(listed))


def _parsed(line: str, path: Path, number: int) -> Any:
    try:
        return _loaded(line)
    except ValueError as fault:
        raise _not_json(path, number, fault) from fault


def _loaded(text: str) -> Any:
    """What JSON holds, in characters that a file can hold.

    Raises:
        ValueError: it is not JSON, or objects lie within objects beyond the interpreter's limit.
    """
    try:
        found = json.loads(text)
        return json.loads(dumped(found)) if ESCAPED_SURROGATE.search(text) else found
    except RecursionError as fault:
        raise ValueError("nested too deeply to be read") from fault


def _row(place: str, content: Any, split: str = "") -> Row:
    if not isinstance(content, Mapping):
        raise UserError(
            f"{place} is no object but {type(content).__name__}.", next_step="Write one JSON object for each row."
        )
    return Row(place, content, split)


def _not_json(path: Path, line: int, fault: ValueError) -> UserError:
    what = fault.msg if isinstance(fault, json.JSONDecodeError) else fault  # its own line number counts from elsewhere
    return UserError(f"{path}, line {line} is not JSON: {what}.", next_step="Repair or remove that line.")
