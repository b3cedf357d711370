"""Which versions lose their files when a registry is pruned, and what that frees."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from loresmith.errors import UserError
from loresmith.registry.records import Entry, Weeding
from loresmith.registry.shelf import Shelf


def weed(entries: Sequence[Entry], keep: int, shelf: Shelf) -> Weeding:
    """What goes and what stays: aliased, tagged, and the `keep` newest that are not archived.

    Raises:
        UserError: `keep` is negative.
    """
    if keep < 0:
        raise UserError(f"{keep} versions cannot be kept.", next_step="Give 0 or more with --keep.")
    here = [entry for entry in entries if entry.state != "pruned"]
    offered = [entry.number for entry in here if entry.state == "kept"]
    newest = set(offered[-keep:] if keep else ())
    kept = {entry.number: why for entry in here if (why := _reason(entry, newest))}
    going = tuple(entry.number for entry in here if entry.number not in kept)
    return Weeding(versions=going, freed_bytes=freed(shelf.of(number) for number in going), kept=kept)


def freed(folders: Iterable[Path]) -> int:
    """Bytes that deleting `folders` frees; a file counts once all its names are among them."""
    names: Counter[tuple[int, int]] = Counter()
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                found = path.stat()
                key = (found.st_dev, found.st_ino)
                names[key] += 1
                sizes[key] = (found.st_size, found.st_nlink)
    return sum(size for key, (size, links) in sizes.items() if names[key] >= links)


def _reason(entry: Entry, newest: set[int]) -> str:
    if entry.aliases:
        return ", ".join(entry.aliases)
    if entry.tags:
        return f"tagged {', '.join(entry.tags)}"
    return "among the newest" if entry.number in newest else ""
