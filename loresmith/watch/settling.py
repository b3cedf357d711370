"""Whether the documents changed and have been left alone since, looked at by size and time of each file.

This only decides when to look closer: what changed is decided by the bytes. watchfiles (an extra) tells of a change
at once; without it the folders are looked at every few seconds.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

Sight = frozenset[tuple[str, int, int]]


def sight(roots: Sequence[str]) -> Sight:
    """Name, bytes and time of every file below `roots`; a file that vanishes meanwhile is none."""
    found = set()
    for root in map(Path, roots):
        for path in [root, *root.rglob("*")]:
            try:
                told = path.stat()
            except OSError:
                continue
            if not path.is_dir():
                found.add((str(path), told.st_size, told.st_mtime_ns))
    return frozenset(found)


class Settling:
    """Tells once that something changed, when it has been quiet for `seconds`."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._seen: Sight | None = None
        self._changed_at: float | None = None

    def has_settled(self, now: Sight) -> bool:
        """Whether a change has come to rest, the files being as `now`; the first look counts as a change."""
        if now != self._seen:
            self._seen, self._changed_at = now, self._clock()
        if self._changed_at is None or self._clock() - self._changed_at < self._seconds:
            return False
        self._changed_at = None
        return True


def pause(roots: Sequence[str], seconds: float, over: threading.Event) -> None:
    """Return after `seconds`, or earlier when a file changed or it is `over`."""
    folders = [root for root in roots if Path(root).exists()]
    try:
        from watchfiles import watch
    except ImportError:
        over.wait(seconds)
        return
    if not folders:
        over.wait(seconds)
        return
    for _ in watch(*folders, stop_event=over, rust_timeout=int(seconds * 1000), yield_on_timeout=True, debounce=200):
        return
