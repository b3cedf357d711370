"""Reading in a child process with a deadline and a memory limit: no file can take the run down with it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from loresmith.errors import Unreadable
from loresmith.records import Reading

_START_SECONDS = 60.0
"""Extra time for a fresh child to load its readers on a busy machine."""
AUTO = "auto"
"""The choice of readers by format alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take."""

    seconds: float
    memory_mb: int


class ConfinedReader:
    """A child process that reads one file after the other; it is started when needed and replaced when it fails."""

    def __init__(self, limits: Limits, preferred: str = AUTO, table_headers: str = "joined") -> None:
        self.limits = limits
        self._preferred = preferred
        self._table_headers = table_headers
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> "ConfinedReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def read(self, path: Path) -> tuple[str, Reading]:
        """(format, reading) of the file.

        Raises:
            Unreadable: with the reader's reason, or that it took too long, needed too much memory, or crashed.
        """
        fresh = self._child is None
        child = self._child or self._start()
        request = {"path": str(path), "seconds": self.limits.seconds, "memory_mb": self.limits.memory_mb}
        try:
            _pipe(child.stdin).write(json.dumps(request) + "\n")
            _pipe(child.stdin).flush()
            line = self._answers.get(timeout=self.limits.seconds + (_START_SECONDS if fresh else 0))
        except queue.Empty:
            self.stop()
            raise Unreadable(
                path, f"reading took more than {self.limits.seconds:g} seconds (`ingest.seconds_per_file`)"
            ) from None
        except OSError:
            line = ""
        if not line:
            raise Unreadable(path, self._obituary())
        try:
            answer = json.loads(line)
        except ValueError:
            self.stop()
            raise Unreadable(path, "the reader gave no answer that could be understood") from None
        return self._understood(answer, path)

    def stop(self) -> None:
        """End the child and the programs that it started, whatever they are doing."""
        child, self._child = self._child, None  # first, since a reading in another thread may be the one that fails
        if child is None:
            return
        if hasattr(os, "killpg"):  # not on Windows
            with suppress(ProcessLookupError, PermissionError):  # macOS denies it where the child has just ended
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        _pipe(child.stdin).close()

    def _understood(self, answer: dict[str, Any], path: Path) -> tuple[str, Reading]:
        if "unreadable" not in answer:
            return answer["format"], Reading.model_validate(answer["reading"])
        if answer["unreadable"] == "too_large":
            self.stop()  # what is left of its memory is in pieces
            raise Unreadable(path, f"it needs more than {self.limits.memory_mb} MB of memory")
        raise Unreadable(path, answer["unreadable"])

    def _start(self) -> "subprocess.Popen[str]":
        package_home = str(Path(__file__).parent.parent.parent)
        inherited = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([package_home, inherited] if inherited else [package_home])
        self._child = subprocess.Popen(
            # -P: or a `json.py` in the folder that somebody stands in, such as one of documents, would run as code
            [sys.executable, "-P", "-m", "loresmith.ingest.child", self._preferred, self._table_headers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,  # Ctrl-C reaches the parent, which ends the child
        )
        self._answers = queue.Queue()
        threading.Thread(target=_forward, args=(self._child, self._answers), daemon=True).start()
        return self._child

    def _obituary(self) -> str:
        """Why the child is gone."""
        child, self._child = self._child, None
        if child is None:
            return "the reader could not be started"
        code = child.wait()
        _pipe(child.stdin).close()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"the reader crashed on it ({how}); damaged, or it needs more than {self.limits.memory_mb} MB of memory"


def _forward(child: "subprocess.Popen[str]", answers: "queue.Queue[str]") -> None:
    """Put each line of the child into the queue, and an empty one at the end."""
    with _pipe(child.stdout) as lines:
        for line in lines:
            answers.put(line)
    answers.put("")


def _pipe(stream: Any) -> Any:
    assert stream is not None, "the child was started with pipes"
    return stream
