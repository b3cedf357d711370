"""The questions of a benchmark: from files in whatever shape, or from the Hub; counted against the official numbers."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loresmith import artifact
from loresmith.benchmark.items import Item
from loresmith.benchmark.results import Account, Read
from loresmith.benchmark.subjects import SUBJECTS
from loresmith.benchmark.table import TASKS, TOGETHER, Chosen, Task
from loresmith.contamination.benchmark_files import benchmark_files, rows
from loresmith.domains import hub
from loresmith.errors import UserError
from loresmith.exchange.files import Row

SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **{"dev": "dev", "test": "test"},
}
FALLBACKS = ("test", "validation", "dev")
"""Splits that may serve as the exam where the task's own is missing."""


@dataclass
class Gathered:
    """The questions of one task, and those that its worked examples are taken from."""

    exam: list[Item]
    """In the order of the files."""
    pool: list[Item]
    account: Account


@dataclass
class _Shelf:
    """What was read so far, by split."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    files: list[Read] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    """(split, subject) to the file that holds it."""


def is_remote(chosen: Sequence[Chosen], data: Iterable[str]) -> bool:
    """Whether one of the tasks must be read from the Hub; a single task takes any file."""
    plain, named = _entries(data)
    return any(not (plain or _named(one, named)) for one in chosen)


def gather(one: Chosen, data: Iterable[str], *, alone: bool, shots: int) -> Gathered:
    """The questions of `one` out of `data`, or from the Hub where `data` names nothing for it.

    Args:
        one: The task.
        data: Paths, or TASK=PATH.
        alone: No other task is asked, so that files need not carry the task's name.
        shots: Worked examples before each question; 0 needs no pool.

    Raises:
        UserError: nothing is there, a file is damaged, two files hold the same split, or no row can be asked.
    """
    plain, named = _entries(data)
    entries = _named(one, named) or plain
    shelf = _Shelf()
    if entries:
        files = _files(one, entries, all_of_them=alone or bool(_named(one, named)))
        for name, path in files.items():
            _read(shelf, one, name, path)
    else:
        _fetch(shelf, one, shots)
    return _sorted_out(shelf, one, shots)


def _entries(data: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Paths, and those that are for one task, as (task, path)."""
    plain, named = [], []
    for entry in data:
        task, sign, path = entry.partition("=")
        if sign and re.fullmatch(r"[\w:]+", task) and not Path(entry).exists():
            named.append((task, path))
        else:
            plain.append(entry)
    return plain, named


def _named(one: Chosen, named: Iterable[tuple[str, str]]) -> list[str]:
    names = {one.name, one.task.name, *(name for name, tasks in TOGETHER.items() if one.task.name in tasks)}
    return [path for task, path in named if task in names]


def _files(one: Chosen, entries: Sequence[str], *, all_of_them: bool) -> dict[str, Path]:
    """The files that hold the task: by their names, or all where no name tells and no other task is meant."""
    found = benchmark_files(entries)
    fitting = {name: path for name, path in found.items() if _is_of(one, name)}
    if not fitting and all_of_them:
        fitting = {
            name: path for name, path in found.items() if not any(_is_marked(task, name) for task in TASKS.values())
        }
    if not fitting:
        raise UserError(
            f"No file in {', '.join(entries)} has {one.task.name} in its name.",
            next_step=f"Name it with --data {one.name}=FILE.",
        )
    return fitting


def _is_of(one: Chosen, name: str) -> bool:
    if one.task.name == "mmlu" and (subject := _subject(name)):
        return not one.subjects or subject in one.subjects
    return _is_marked(one.task, name)


def _is_marked(task: Task, name: str) -> bool:
    """Whether the task stands in a file's name."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return any(mark in plain for mark in task.marks)


def _read(shelf: _Shelf, one: Chosen, name: str, path: Path) -> None:
    usual, subject = _split(name) or one.task.exam, _subject(name)
    by_split: dict[str, list[Row]] = {}
    for row in rows(path):
        by_split.setdefault(SPLITS.get(row.split, "") or usual, []).append(row)
    digest = "" if path.is_dir() else artifact.hash_file(path)
    for split, found in by_split.items():
        _take(shelf, one, Read(name=name, sha256=digest, split=split, rows=len(found)), found, subject)


def _fetch(shelf: _Shelf, one: Chosen, shots: int) -> None:
    place = one.task.hub
    if place is None:
        raise UserError(
            f"The Hub has no copy of {one.task.name} that is known here.",
            next_step=f"Give its file with --data {one.task.name}=FILE.",
        )
    wanted = {one.task.exam: one.task.hub_exam or one.task.exam}
    if shots and one.task.pool:
        wanted[one.task.pool[0]] = one.task.pool[0]
    for split, theirs in wanted.items():
        portion, commit = hub.load(place, one.task.name, theirs, option="--data")
        read = Read(name=f"{place.shown}@{commit or 'unknown'}", sha256="", split=split, rows=len(portion.rows))
        _take(shelf, one, read, portion.rows, "")


def _take(shelf: _Shelf, one: Chosen, read: Read, found: Sequence[Row], subject: str) -> None:
    """Put the items of `found` on the shelf, and what cannot be asked into the account."""
    shapes: dict[str, int] = {}
    kept: list[Item] = []
    for row in found:
        shape, items = next(
            ((name, items) for name, reader in one.task.readers.items() if (items := reader(row.content))), ("", [])
        )
        if not items:
            _drop(shelf, f"no known shape (columns: {', '.join(map(str, list(row.content)[:8]))})")
        for item in items:
            about = item.subject or subject or (one.subjects[0] if len(one.subjects) == 1 else "")
            if one.subjects and about not in one.subjects:
                continue
            shapes[shape] = shapes.get(shape, 0) + 1
            if why_not := _unfit(one.task, item, about):
                _drop(shelf, why_not)
            else:
                kept.append(item.model_copy(update={"subject": about if one.task.name == "mmlu" else ""}))
    for about in dict.fromkeys(item.subject for item in kept):
        _require_single(shelf, one, read, about)
    shelf.items.setdefault(read.split, []).extend(kept)
    shelf.files.append(read.model_copy(update={"shape": ", ".join(shapes), "kept": len(kept)}))


def _require_single(shelf: _Shelf, one: Chosen, read: Read, subject: str) -> None:
    other = shelf.held.setdefault((read.split, subject), read.name)
    if other != read.name:
        raise UserError(
            f"Two files hold the {read.split} split of {one.task.name}{f' ({subject})' * bool(subject)}: "
            f"{other} and {read.name}.",
            next_step=f"Name one with --data {one.task.name}=FILE.",
        )


def _unfit(task: Task, item: Item, subject: str) -> str:
    """Why an item cannot be asked; empty where it can."""
    if task.name == "mmlu" and subject not in SUBJECTS:
        return "no subject of MMLU in the row or the file's name"
    if task.form in ("number", "span"):
        return "" if item.told else "no answer"
    if len(item.options) < 2:
        return "fewer than two options"
    if task.form == "letter" and len(item.options) != 4:
        return "not four options"
    return "no right answer among the options" if item.answer is None else ""


def _drop(shelf: _Shelf, reason: str) -> None:
    shelf.dropped[reason] = shelf.dropped.get(reason, 0) + 1


def _sorted_out(shelf: _Shelf, one: Chosen, shots: int) -> Gathered:
    task, items = one.task, shelf.items
    split = task.exam if items.get(task.exam) else next((name for name in FALLBACKS if items.get(name)), "")
    if not split:
        names = ", ".join(read.name for read in shelf.files)
        reasons = "; ".join(shelf.dropped) or "only training rows"
        raise UserError(
            f"No row of {names} can be asked as {task.name}: {reasons}.",
            next_step="Give the official file, the Hub's, or one in the shape that docs/how-to/benchmark.md shows.",
        )
    exam = with_ids(items[split])
    pool_split = next((name for name in task.pool if items.get(name) and name != split), "") if shots else ""
    account = Account(
        files=tuple(shelf.files),
        split=split,
        pool_split=pool_split or (split if shots else ""),
        rows=len(exam),
        dropped=shelf.dropped,
        official=_official(one, split, exam),
        remarks=tuple(_remarks(one, split, exam)),
        sha256=digest(exam),
    )
    return Gathered(exam, with_ids(items[pool_split]) if pool_split else exam, account)


def with_ids(items: Iterable[Item]) -> list[Item]:
    """Each item with a name that no other has: its own, or a hash of what it says."""
    seen: dict[str, int] = {}
    named = []
    for item in items:
        name = item.id or hashlib.sha256(item.model_dump_json().encode()).hexdigest()[:16]
        seen[name] = seen.get(name, 0) + 1
        named.append(item.model_copy(update={"id": name if seen[name] == 1 else f"{name}-{seen[name]}"}))
    return named


def digest(items: Iterable[Item]) -> str:
    """sha256 over what the items say, in their order."""
    text = "\n".join(item.model_dump_json() for item in items)
    return hashlib.sha256(text.encode()).hexdigest()


def _official(one: Chosen, split: str, exam: Sequence[Item]) -> int | None:
    if one.task.name != "mmlu":
        return one.task.official.get(split)
    subjects = one.subjects or tuple(SUBJECTS)
    return sum(one.task.official[subject] for subject in subjects) if split == "test" else None


def _remarks(one: Chosen, split: str, exam: Sequence[Item]) -> Iterator[str]:
    """Where the numbers are not the official ones."""
    if split != one.task.exam:
        yield f"the {split} split was asked, since the {one.task.exam} split is not there"
    if one.task.name != "mmlu":
        yield from _counted(one.task.name, len(exam), one.task.official.get(split))
        return
    counts: dict[str, int] = {}
    for item in exam:
        counts[item.subject] = counts.get(item.subject, 0) + 1
    wanted = one.subjects or tuple(SUBJECTS)
    if missing := [subject for subject in wanted if subject not in counts]:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        yield f"mmlu: {len(missing)} of {len(wanted)} subjects are missing: {shown}"
    for subject in counts:
        yield from _counted(f"mmlu:{subject}", counts[subject], _test_size(one.task.official, subject, split))


def _test_size(official: Mapping[str, int], subject: str, split: str) -> int | None:
    return official[subject] if split == "test" else None


def _counted(name: str, count: int, official: int | None) -> Iterator[str]:
    if official is not None and count < official:
        yield f"{name}: {count:,} of the official {official:,}"
    elif official is not None and count > official:
        yield f"{name}: {count:,}, more than the official {official:,}"


def _split(name: str) -> str:
    """The split that a file's name says, or else its folder's; empty where neither does."""
    *folders, file = name.lower().split("/")
    words = re.split(r"[^a-z]+", file.rpartition(".")[0] or file)
    said = [SPLITS[word] for word in words if word in SPLITS]
    return said[-1] if said else SPLITS.get(folders[-1], "") if folders else ""


def _subject(name: str) -> str:
    """The subject of MMLU in a file's name, the longest that fits; empty where there is none."""
    plain = re.sub(r"[^a-z]+", "_", name.lower().rsplit("/", 1)[-1])
    return max((subject for subject in SUBJECTS if subject in plain), key=len, default="")
