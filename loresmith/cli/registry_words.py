"""Versions, their histories and sizes in words for the terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from loresmith.records import Estimate
from loresmith.registry import Entry, Event

ORDER = ("base", "lora", "rag", "lora+rag")
"""Arms from the plainest to the fullest; the last one that sat is shown in a line."""


def brief(entry: Entry) -> Iterator[str]:
    """A version in one or two lines."""
    version = entry.version
    named = [*entry.aliases, *(f"#{tag}" for tag in entry.tags)]
    state = "" if entry.state == "kept" else f" ({entry.state})"
    added = version.created[:16].replace("T", " ")
    yield f"{version.number:>4}  {', '.join(named) or '-':<22}{added}  {size(entry)}{state}"
    sat = {score.arm for score in version.scores}
    if sat:
        fullest = max(sat, key=lambda arm: ORDER.index(arm) if arm in ORDER else -1)
        shown = [f"{score.exam} {share(score.accuracy)}" for score in version.scores if score.arm == fullest]
        yield f"      {fullest}: {'; '.join(shown)}"


def told(entry: Entry, events: Sequence[Event], folder: Path) -> Iterator[str]:
    """All about a version."""
    version = entry.version
    yield from brief(entry)
    yield f"name      {version.name}{' (rehearsed)' if version.rehearsed else ''}"
    yield f"folder    {folder if entry.state != 'pruned' else 'none: its files were pruned'}"
    yield f"parent    {'none: it was the first' if version.parent is None else f'version {version.parent}'}"
    yield f"base      {version.base}, {short(version.base_hash)}"
    yield f"dataset   {short(version.dataset)}, from documents {short(version.documents)}"
    yield f"recipe    {short(version.recipe)}"
    yield f"verdict   {version.verdict or 'not examined'}"
    equal = {None: "not examined", True: "equal to what was examined", False: "NOT what was examined"}[version.parity]
    yield f"file      {equal}"
    for score in version.scores:
        yield f"  {score.arm:<9} {score.exam:<13} {share(score.accuracy)}"
    for name, part in version.parts.items():
        yield f"  {part.folder:<24} {short(part.content)}  {megabytes(part.size_bytes):>11}  {name}"
    for mismatch in version.apart:
        yield f"  note: {mismatch}"
    for event in events:
        yield line(event)


def line(event: Event) -> str:
    """An event in one line."""
    moves = ", ".join(f"{name} {_or_none(old)} → {_or_none(new)}" for name, (old, new) in event.moves.items())
    parts = [f"{event.at[:19].replace('T', ' ')}  {event.action:<8} {event.version}", moves, event.reason, event.who]
    return "  ".join(part for part in parts if part)


def size(entry: Entry) -> str:
    """What the artifacts of a version take."""
    return megabytes(sum(part.size_bytes for part in entry.version.parts.values()))


def megabytes(count: int) -> str:
    """Bytes in millions."""
    return f"{count / 1e6:,.1f} MB"


def share(seen: Estimate) -> str:
    """`83.0% [76, 88] n = 150`."""
    return f"{100 * seen.value:.1f}% [{100 * seen.low:.0f}, {100 * seen.high:.0f}] n = {seen.n:,}"


def short(digest: str | None) -> str:
    """The first figures of a hash."""
    return "unknown" if digest is None else digest[:12]


def _or_none(number: int | None) -> str:
    return "none" if number is None else str(number)
