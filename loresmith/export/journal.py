"""What of a half-written GGUF file is whole: a line for the header and one for each tensor, in a file beside it.

A line counts only with the bytes that it speaks of: their checksum is taken again before they are kept, so that
neither a kill in the middle of a write nor a power cut that lost the last seconds can leave a wrong file.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO

from loresmith.export.gguf_file import Planned, padding

# Other versions could write other bytes for the same weights.
MATTERED = ("gguf", "torch", "xllamacpp")
READ_BYTES = 1 << 20


class Journal:
    """The lines of a file in the making, appended one at a time. Use as a context."""

    def __init__(self, path: Path) -> None:
        self._path = beside(path)

    def __enter__(self) -> "Journal":
        self._file = self._path.open("a", encoding="utf-8", newline="\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, name: str, end: int, check: int) -> None:
        """A tensor is whole: it and its padding end at `end`; `check` is the CRC-32 of its bytes without padding."""
        self._file.write(json.dumps([name, end, check]) + "\n")
        self._file.flush()


def resume(path: Path, header: bytes, origin: str, planned: Sequence[Planned]) -> int:
    """How many tensors of `path` are kept; the file holds exactly these and its header, its journal says so.

    A file of another header, another origin or other versions, or without a journal, is begun anew.

    Args:
        path: The GGUF file.
        header: What it begins with.
        origin: Stands for the base and the adapter.
        planned: All tensors in their order.
    """
    lines = _lines(beside(path))
    mark = _mark(header, origin)
    kept: list[list[object]] = []
    end = len(header)
    if lines[:1] == [mark] and path.is_file():
        with path.open("rb") as file:
            if file.read(len(header)) == header:
                for tensor, line in zip(planned, lines[1:], strict=False):
                    if not _holds(file, tensor, line):
                        break
                    kept.append(line)
                    end = file.tell()
    if kept:
        with path.open("r+b") as file:
            file.truncate(end)
    else:
        path.write_bytes(header)
    written = "".join(json.dumps(line) + "\n" for line in [mark, *kept])
    beside(path).write_text(written, encoding="utf-8", newline="\n")
    return len(kept)


def remove(path: Path) -> None:
    """The file `path` is whole."""
    beside(path).unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Where the journal of `path` lies."""
    return path.with_name(f"{path.name}.journal")


def begun_bytes(folder: Path) -> int:
    """What unfinished files in `folder` already take of the space that they need."""
    return sum(file.stat().st_size for file in folder.glob("*.gguf") if beside(file).is_file())


def _mark(header: bytes, origin: str) -> list[object]:
    return [hashlib.sha256(header).hexdigest(), origin, *(f"{name} {version(name)}" for name in MATTERED)]


def _lines(path: Path) -> list[list[object]]:
    """The lines up to the first that is torn."""
    found: list[list[object]] = []
    if path.is_file():
        for line in path.read_bytes().split(b"\n"):
            try:
                found.append(list(json.loads(line)))
            except (ValueError, TypeError):
                break
    return found


def _holds(file: IO[bytes], tensor: Planned, line: list[object]) -> bool:
    """Whether the next bytes of `file` are the tensor that `line` notes; it is read to the end of its padding."""
    end = file.tell() + tensor.size_bytes
    if line[:2] != [tensor.name, end + len(padding(end))]:
        return False
    check, left = 0, tensor.size_bytes
    while left and (read := file.read(min(READ_BYTES, left))):
        check, left = zlib.crc32(read, check), left - len(read)
    return left == 0 and line[2:] == [check] and file.read(len(padding(end))) == padding(end)
