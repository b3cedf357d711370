"""The folders of a registry: filled beside their place, made read-only, put there by rename, removed by rename.

A file of 1 MB or more takes no second place on the disk where that can be had: it is cloned where the file system can
(btrfs, XFS: apart at once, blocks shared until one is written), else hard-linked, else copied. A hard link is the same
file, so the project's own name for it becomes read-only too; every verb replaces files and writes into none, so that is
noticed only by who edits one by hand. Smaller files are always copied.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from loresmith.errors import UserError

VERSIONS = "versions"
COMING, GONE, MARK = ".coming-", ".gone-", ".seat-"
LINKED_BYTES = 1 << 20
"""Smallest file that is cloned or linked."""
FICLONE = 0x40049409
"""The request of Linux to share the blocks of another file (linux/fs.h)."""
READ_ONLY = 0o444


@dataclass(frozen=True)
class Coming:
    """A folder that is being filled by a process that lives as long as the lock is held."""

    path: Path
    lock: BaseFileLock

    def close(self) -> None:
        """Remove what is left of it, and give the lock back."""
        remove(self.path)
        for mark in _marks(self.path):
            mark.unlink(missing_ok=True)
        Path(self.lock.lock_file).unlink(missing_ok=True)
        self.lock.release()


class Shelf:
    """The folder `versions/` of the registry in `folder`.

    `begin`, `seat` and `strays` are for whoever holds the database's write lock.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / VERSIONS

    def of(self, number: int) -> Path:
        """The folder of a version."""
        return self.path / str(number)

    def begin(self) -> Coming:
        """A new empty folder to fill."""
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"{COMING}{secrets.token_hex(6)}"
        lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, thread_local=False)
        lock.acquire()
        path.mkdir()
        return Coming(path, lock)

    def seat(self, coming: Coming, number: int) -> Path:
        """`coming` as the folder of version `number`, on the disk for good.

        A mark beside it says that the number is not committed yet, for whoever has to clear up after a kill.

        Raises:
            UserError: a folder of that number is there, and nobody knows whose.
        """
        target = self.of(number)
        if target.exists():
            raise UserError(
                f"{target} is there, and {self.path.parent.name} has no record of it.",
                next_step="If registry.sqlite was lost or is an old copy, put the right one back; else move it away.",
            )
        coming.path.with_name(f"{coming.path.name}{MARK}{number}").touch()
        coming.path.rename(target)
        sync(self.path)
        return target

    def strays(self, known: Collection[int], pruned: Collection[int]) -> list[Path]:
        """Folders of nobody, moved aside to be removed: those of `pruned` versions, and what killed processes left.

        A numbered folder that is neither `known` nor marked as uncommitted is left alone: it may be all that is left of
        a registry whose database was lost.
        """
        if not self.path.is_dir():
            return []
        names = sorted(path.name for path in self.path.iterdir())
        found = [self.path / name for name in names if name.startswith(GONE)]
        for name in dict.fromkeys(f".{name.split('.')[1]}" for name in names if name.startswith(COMING)):
            found += self._left_behind(self.path / name, known)
        return found + [self._aside(self.of(number)) for number in pruned if str(number) in names]

    def _left_behind(self, path: Path, known: Collection[int]) -> list[Path]:
        """What a process that has ended left of the folder `path`; a living one holds its lock."""
        lock_file = path.with_name(f"{path.name}.lock")
        try:
            with FileLock(lock_file, timeout=0):
                marks = _marks(path)
                numbers = [int(mark.name.rpartition(MARK)[2]) for mark in marks]
                left = [path, *(self.of(number) for number in numbers if number not in known)]
                gone = [self._aside(folder) for folder in left if folder.exists()]
                for mark in marks:
                    mark.unlink(missing_ok=True)
                lock_file.unlink(missing_ok=True)
                return gone
        except Timeout:
            return []

    def _aside(self, path: Path) -> Path:
        return path.rename(path.with_name(f"{GONE}{path.name.lstrip('.')}-{secrets.token_hex(4)}"))


def _marks(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}{MARK}*"))


@contextmanager
def filling(coming: Coming) -> Iterator[Path]:
    """The folder of `coming`; whatever was not seated is removed when the block ends."""
    try:
        yield coming.path
    finally:
        coming.close()


def place(source: Path, target: Path) -> None:
    """The bytes of `source` at `target`, read-only and on the disk; see above for how."""
    target.parent.mkdir(parents=True, exist_ok=True)
    origin = source.resolve()
    is_large = origin.stat().st_size >= LINKED_BYTES
    if not (is_large and (_cloned(origin, target) or _linked(origin, target))):
        shutil.copyfile(origin, target)
    target.chmod(READ_ONLY)
    sync(target)


def write(target: Path, text: str) -> None:
    """A new read-only file with `text`, on the disk."""
    target.write_text(text, encoding="utf-8", newline="\n")
    target.chmod(READ_ONLY)
    sync(target)


def close_off(folder: Path) -> None:
    """No file can come into `folder` or leave it from now on, and its names are on the disk."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync(path)
            path.chmod(0o555)


def remove(folder: Path) -> None:
    """Delete a folder that may be read-only; another process may be doing the same."""
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
            elif os.name == "nt":
                path.chmod(stat.S_IWRITE)
    shutil.rmtree(folder, ignore_errors=True)


def sync(path: Path) -> None:
    """Return once the file or the names in the folder are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # folders cannot be opened there; the file system writes their names in order
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems know no fsync of what is open for reading
            os.fsync(handle)
    finally:
        os.close(handle)


def _cloned(source: Path, target: Path) -> bool:
    try:
        from fcntl import ioctl
    except ImportError:
        return False
    try:
        with source.open("rb") as old, target.open("wb") as new:
            ioctl(new.fileno(), FICLONE, old.fileno())
    except OSError:  # another file system, or one that cannot
        target.unlink(missing_ok=True)
        return False
    return True


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    return True
