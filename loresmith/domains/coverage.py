"""What a set covers, and how evenly: counts by domain, source, topic, answer, length, help and difficulty."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from loresmith.domains.answer_types import ANSWER_TYPES
from loresmith.domains.wording import Asked
from loresmith.models.prompts import LETTERS
from loresmith.records import Record

MOST_TOPICS = 15
LENGTHS = ((1, "1 word"), (5, "2 to 5"), (15, "6 to 15"), (40, "16 to 40"))
LONGER = "more than 40"
STEPS = 10
"""Bins of difficulty from 0 to 1, and slices of the set in its order."""


class Part(Record):
    """Rows by one property."""

    title: str
    note: str
    counts: dict[str, int]
    evenness: float | None
    """Entropy of the counts / its largest value, 0 to 1; `None` for fewer than two kinds, or where kinds are steps."""


class Coverage(Record):
    """The counts of a whole set."""

    rows: int
    parts: tuple[Part, ...]
    difficulty: dict[str, int]
    """Rows in each tenth of the scale."""
    along: tuple[float, ...]
    """Mean difficulty of each tenth of the set, in its order."""


def coverage(rows: Sequence[Asked], columns: Sequence[Mapping[str, str]], difficulty: Sequence[float]) -> Coverage:
    """The coverage of rows in their order, with the columns that are written beside them."""
    letters = Counter(row.said for row in rows if row.options)
    parts = [
        _part("Domain", "As the weights ask, unless a source ran out.", (beside["domain"] for beside in columns)),
        _part("Source", "", (beside["source"] for beside in columns)),
        _part(
            "Topic",
            "Subject, article, weakness or heading; fields of science are told by words alone.",
            (f"{beside['domain']}: {beside['topic'] or 'not said'}" for beside in columns),
            most=MOST_TOPICS,
        ),
        _part("Answer", "By its form.", (row.kind for row in rows), order=ANSWER_TYPES),
        _part("Help", "What stands beside the question.", map(_help, rows)),
    ]
    if letters:
        parts.append(
            _part("Right letter", "An uneven share can be learned instead of the answers.", letters.elements(), LETTERS)
        )
    lengths = Counter(_length(row) for row in rows)
    steps = {name: lengths[name] for name in (*(name for _, name in LENGTHS), LONGER)}
    parts.append(Part(title="Words of the answer", note="Of the option, not its letter.", counts=steps, evenness=None))
    return Coverage(rows=len(rows), parts=tuple(parts), difficulty=_tenths(difficulty), along=tuple(_along(difficulty)))


def evenness(counts: Iterable[int]) -> float | None:
    """Shannon's entropy of the shares / ln(kinds); 1 when all kinds are equally frequent."""
    present = [count for count in counts if count]
    if len(present) < 2:
        return None
    total = sum(present)
    return -sum(count / total * math.log(count / total) for count in present) / math.log(len(present))


def _part(title: str, note: str, kinds: Iterable[str], order: Sequence[str] = (), most: int | None = None) -> Part:
    counted = Counter(kinds)
    names = sorted(counted, key=lambda name: (-counted[name], name))
    if order:
        names = [name for name in order if name in counted]
    shown = {name: counted[name] for name in names[:most]}
    if most is not None and len(names) > most:
        shown[f"{len(names) - most} others"] = sum(counted[name] for name in names[most:])
    return Part(title=title, note=note, counts=shown, evenness=evenness(counted.values()))


def _help(row: Asked) -> str:
    if row.question.conversation is not None:
        return "a conversation as it is"
    if row.has_sources:
        return "evidence and options" if row.options else "evidence"
    return "options" if row.options else "nothing"


def _length(row: Asked) -> str:
    said = len(row.question.answer.split())
    return next((name for most, name in LENGTHS if said <= most), LONGER)


def _tenths(difficulty: Sequence[float]) -> dict[str, int]:
    found = Counter(min(int(value * STEPS), STEPS - 1) for value in difficulty)
    return {f"{step / STEPS:.1f}": found[step] for step in range(STEPS)}


def _along(difficulty: Sequence[float]) -> Iterable[float]:
    slices = min(STEPS, len(difficulty))
    edges = [len(difficulty) * number // slices for number in range(slices + 1)] if slices else []
    for first, last in pairwise(edges):
        yield round(sum(difficulty[first:last]) / (last - first), 3)
