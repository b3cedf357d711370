"""Files of JSON Lines that are only added to: each line is on the disk before it counts.

A process that dies while it writes leaves a torn line at most. The next one closes it and begins a new line, and
readers pass it over. Not covered: lines of another version, which readers pass over too.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from loresmith.artifact import machine_error

AnyModel = TypeVar("AnyModel", bound=BaseModel)


def append_line(path: Path, text: bytes) -> None:
    """Write the line `text` at the end of the file `path`; it is on the disk when this returns.

    Raises:
        MachineError: it cannot be written.
    """
    try:
        with path.open("a+b") as file:
            add_line(file, text)
    except OSError as fault:
        raise machine_error(fault, path) from fault


def add_line(file: BinaryIO, text: bytes) -> None:
    """Write the line `text` at the end of `file`, which was opened to be read and added to; it is on the disk then.

    Raises:
        OSError: the disk refused it.
    """
    line = text + b"\n"
    is_whole = not file.seek(0, os.SEEK_END) or _last_byte(file) == b"\n"
    # behind a torn line a new one begins; in one call, so that two writers do not mix their lines
    file.write(line if is_whole else b"\n" + line)
    file.flush()
    os.fsync(file.fileno())


def records_in(path: Path, kind: type[AnyModel]) -> Iterator[AnyModel]:
    """The records of the file `path`, oldest first; none where there is no file."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield kind.model_validate_json(line)
            except ValidationError:
                continue


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
