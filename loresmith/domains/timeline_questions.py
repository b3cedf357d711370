"""Questions on timelines, both ways and in order; wrong options come from neighbouring dates of the same timeline."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from loresmith.domains.question import DomainQuestion, Found
from loresmith.domains.timeline import Entry, entries
from loresmith.exchange.dialogue import Dropped

OPTIONS = 4
NEIGHBOURS = 2
"""Lines before and after an entry that stand beside it in the evidence."""


def timeline_questions(source: Path) -> Iterator[Found]:
    """When was it, what happened then, and what came first.

    Raises:
        UserError: see `entries`.
    """
    found = list(entries(source))
    yield from (entry for entry in found if isinstance(entry, Dropped))
    line = sorted((entry for entry in found if isinstance(entry, Entry)), key=lambda entry: entry.begins)
    for number, entry in enumerate(line):
        evidence = _said(line[max(0, number - NEIGHBOURS) : number + NEIGHBOURS + 1])
        near = _neighbours(line, number)
        yield DomainQuestion(
            place=entry.place,
            question=f"When was this: {entry.event}?",
            answer=entry.date,
            options=_options(entry.date, [other.date for other in near]),
            evidence=evidence,
            topic=entry.topic,
        )
        if not entry.is_range and all(entry.is_apart(other) for other in line if other is not entry):
            # with two events on one date, either could be meant
            yield DomainQuestion(
                place=entry.place,
                question=f"What happened {_at(entry)}?",
                answer=entry.event,
                options=_options(entry.event, [other.event for other in near]),
                evidence=evidence,
                topic=entry.topic,
            )
        later = [other for other in near if other.begins > entry.begins][: OPTIONS - 1]
        if later:
            yield DomainQuestion(
                place=entry.place,
                question="Which of these happened first?",
                answer=entry.event,
                options=_options(entry.event, [other.event for other in later]),
                evidence=_said([entry, *sorted(later, key=lambda other: other.begins)]),
                topic=entry.topic,
                needs="options",
            )


def _neighbours(line: Sequence[Entry], number: int) -> list[Entry]:
    """Entries of other dates, the nearest in line first; of each date one."""
    entry = line[number]
    by_distance = sorted(range(len(line)), key=lambda other: (abs(other - number), other))
    near: dict[tuple[int, int, int], Entry] = {}
    for other in by_distance:
        if line[other].is_apart(entry):
            near.setdefault(line[other].begins, line[other])
        if len(near) == 2 * OPTIONS:
            break
    return list(near.values())


def _options(right: str, others: Sequence[str]) -> tuple[str, ...]:
    wrong = [other for other in dict.fromkeys(others) if other.lower() != right.lower()][: OPTIONS - 1]
    return (right, *wrong) if wrong else ()


def _at(entry: Entry) -> str:
    said = f"on {entry.date}" if entry.begins[2] else f"in {entry.date}"
    return f"{said} ({entry.topic})" if entry.topic else said


def _said(shown: Sequence[Entry]) -> str:
    return "\n".join(f"{entry.date}: {entry.event}" for entry in shown)
