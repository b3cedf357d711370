"""Whether a registry is as it was written: the database by SQLite's own check, every file by its hash."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from loresmith.artifact import hash_file
from loresmith.progress import Work
from loresmith.records import Progress
from loresmith.registry.database import FILE
from loresmith.registry.ledger import Ledger
from loresmith.registry.records import Fault
from loresmith.registry.shelf import Shelf

STAGE = "verify"


def faults(ledger: Ledger, shelf: Shelf, numbers: Sequence[int] | None) -> Work[list[Fault]]:
    """All that is wrong with the versions `numbers`, or with all whose files are kept, and with the database.

    A version that another process prunes meanwhile counts as pruned, not as damaged.
    """
    found = [Fault(version=None, path=FILE, problem=words) for words in ledger.complaints()]
    for name, number in ledger.names("aliases").items():
        if ledger.state(number) != "kept":
            found.append(Fault(version=number, path=FILE, problem=f"{name} names it, and it is {ledger.state(number)}"))
    entries = ledger.entries()
    kept = [entry.number for entry in entries if entry.state != "pruned"]
    if numbers is None:
        found += _strangers(shelf, {str(entry.number) for entry in entries})
    for number in kept if numbers is None else numbers:
        of_version = yield from _of_version(shelf.of(number), number, ledger)
        if ledger.state(number) != "pruned":
            found += of_version
    return found


def _strangers(shelf: Shelf, known: set[str]) -> Iterator[Fault]:
    there = shelf.path.iterdir() if shelf.path.is_dir() else ()
    for path in sorted(there):
        if not path.name.startswith(".") and path.name not in known:
            name = f"{shelf.path.name}/{path.name}"
            yield Fault(version=None, path=name, problem="is there, and the registry has no record of it")


def _of_version(folder: Path, number: int, ledger: Ledger) -> Work[list[Fault]]:
    where = f"{folder.parent.name}/{number}"
    expected = ledger.files(number)
    found = []
    for done, (name, (size, digest)) in enumerate(expected.items()):
        yield Progress(stage=STAGE, done=done, total=len(expected), note=f"version {number}: {name}")
        if (problem := _problem(folder / name, size, digest)) is not None:
            found.append(Fault(version=number, path=f"{where}/{name}", problem=problem))
    strangers = sorted(set(_names(folder)) - expected.keys())
    return found + [
        Fault(version=number, path=f"{where}/{name}", problem="was not there when the version was added")
        for name in strangers
    ]


def _problem(path: Path, size: int, digest: str) -> str | None:
    try:
        if path.is_symlink() or not path.is_file():
            return "is missing"
        if path.stat().st_size != size:
            return f"has {path.stat().st_size:,} bytes; it had {size:,}"
        return None if hash_file(path) == digest else "is not the file that was added: its sha256 differs"
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"


def _names(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
