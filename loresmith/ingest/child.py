"""The process that reads files: `python -m loresmith.ingest.child READER HEADERS`, started and watched by `confined`.

One JSON object a line comes in on stdin and one goes out on stdout. Whatever a hostile file does to this process, the
parent sees a closed pipe or a missed deadline, and goes on with the next file.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Any

from loresmith import plugins
from loresmith.errors import LoresmithError, Unreadable
from loresmith.ingest.confined import AUTO
from loresmith.ingest.content import kind_of
from loresmith.ingest.pdf import PdfReader
from loresmith.plugins import READERS, Reader

ON_REQUEST = frozenset({"docling"})
"""Readers that need more than this project brings along, and read only where the recipe names them."""
_GRACE_SECONDS = 5
"""Beyond the parent's deadline: only a child whose parent is gone lives to hear this alarm."""


def main() -> None:
    """Answer requests until stdin ends."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    preferred, headers = sys.argv[1:]
    readers = readers_by_suffix(preferred, headers)
    for line in sys.stdin:
        request = json.loads(line)
        _limit(request["seconds"], request["memory_mb"])
        answers.write(json.dumps(_answer(Path(request["path"]), readers)) + "\n")
        answers.flush()


def readers_by_suffix(preferred: str = AUTO, headers: str = "joined") -> dict[str, tuple[str, Reader]]:
    """Suffix to (name, reader) of everything installed: first the preferred one, then plug-ins, then the built-ins."""
    points = plugins.found(READERS)
    names = [name for name in points if name == preferred or name not in ON_REQUEST]
    chosen: dict[str, tuple[str, Reader]] = {}
    for name in sorted(names, key=lambda name: (name != preferred, points[name].value.startswith("loresmith."), name)):
        reader: Reader = plugins.load(READERS, name)()
        if isinstance(reader, PdfReader):
            reader = PdfReader(has_header_rows=headers == "rows")
        for suffix in reader.suffixes:
            chosen.setdefault(suffix, (name, reader))
    return chosen


def _answer(path: Path, readers: dict[str, tuple[str, Reader]]) -> dict[str, Any]:
    try:
        kind = kind_of(path)
        if kind not in readers:
            return {"unreadable": f"no reader for {kind or 'files without a suffix'}"}
        name, reader = readers[kind]
        return {"format": name, "reading": reader.read(path).model_dump(mode="json")}
    except Unreadable as fault:
        return {"unreadable": fault.reason}
    except LoresmithError as fault:
        return {"unreadable": fault.problem}
    except MemoryError:
        return {"unreadable": "too_large"}
    except RecursionError:
        return {"unreadable": "it is nested too deeply"}
    except OSError as fault:
        return {"unreadable": f"it cannot be read ({fault.strerror or fault})"}


def _limit(seconds: float, memory_mb: int) -> None:
    """Cap the address space at what is mapped now plus what is left of `memory_mb`; set the last alarm."""
    try:
        import resource

        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except (ImportError, OSError):
        return  # not Linux: the deadline remains
    page = resource.getpagesize()
    mapped, resident = int(pages[0]) * page, int(pages[1]) * page
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (mapped + max(64 << 20, (memory_mb << 20) - resident), hard))
    signal.alarm(int(seconds) + _GRACE_SECONDS)


if __name__ == "__main__":
    main()
