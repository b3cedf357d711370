"""JSON, JSON Lines and CSV as results come in them, with the line named that cannot be read."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loresmith.errors import UserError


def parsed(path: Path) -> Any:
    """What the JSON file `path` holds.

    Raises:
        UserError: it is none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        raise UserError(f"{path} is not JSON: {fault}.", next_step="Repair it, or write it again.") from fault
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON Lines file.

    Raises:
        UserError: a line is no object; names it.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _object(line, path, number)
    except UnicodeDecodeError as fault:
        raise UserError(f"{path} is not UTF-8 (byte {fault.start}).", next_step="Save it as UTF-8.") from fault
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def rows_of(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a `.jsonl`, `.json` (a list) or `.csv` file; cells of a CSV are text.

    Raises:
        UserError: it is none of these, or damaged.
    """
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return list(json_lines(path))
    if suffix == ".json":
        found = parsed(path)
        if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
            return found
        raise UserError(f"{path} holds no list of rows.", next_step="Give a JSON list of objects, or JSON Lines.")
    if suffix == ".csv":
        return _csv(path)
    raise UserError(
        f"{path} is no file of results ({path.suffix or 'no suffix'}).", next_step="Give .jsonl, .json or .csv."
    )


def _csv(path: Path) -> list[Mapping[str, Any]]:
    csv.field_size_limit(1 << 20)  # retrieved passages stand in one cell
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines, strict=True))
    except (csv.Error, UnicodeDecodeError) as fault:
        raise UserError(f"{path} is no CSV file in UTF-8: {fault}.", next_step="Write it again.") from fault
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def _object(line: str, path: Path, number: int) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise UserError(f"{path}, line {number} is not JSON.", next_step="Repair or remove that line.") from fault
    if not isinstance(found, Mapping):
        raise UserError(f"{path}, line {number} is no object.", next_step="Write one JSON object a line.")
    return found


def _unreadable(path: Path, fault: OSError) -> UserError:
    return UserError(f"{path} cannot be read: {fault.strerror}.", next_step="Check the file and its rights.")
