"""Lookups and answers, batch by batch, taken from the journal where an earlier attempt left them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loresmith.artifact import Plan
from loresmith.evaluate import paper, specialists
from loresmith.evaluate.arms import chosen
from loresmith.evaluate.earlier import Earlier
from loresmith.evaluate.grounding import Lookup, look_up
from loresmith.evaluate.held_text import Weighed, passages_of, weigh
from loresmith.evaluate.journal import LOOKUPS, SPECIAL, SUPPORTS, WEIGHED, Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.room import Room
from loresmith.evaluate.sitting import sit
from loresmith.evaluate.support import Support, measured
from loresmith.progress import Work
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Progress

LOOKED_UP_AT_ONCE = 32


@dataclass(frozen=True)
class Logs:
    """All that an examination writes down, one row each in its own file."""

    grades: list[Grade]
    """By arm, then sheet."""
    lookups: list[Lookup]
    """In the order of the sheets; none without a grounded arm."""
    supports: list[Support]
    """One for each short answer with sources to a question that the documents answer."""
    weighed: list[Weighed]
    """By arm."""
    special: list[Grade]
    """Of the adapters of single domains."""


def hold(
    plan: Plan, settings: EvaluateSettings, sheets: Sequence[Sheet], journal: Journal, earlier: Earlier
) -> Work[Logs]:
    """Ask what was neither asked by an attempt that was killed nor by an `earlier` examination that holds."""
    questions = {question.id: question for sheet in sheets for question in sheet.questions}
    grounded = {arm.name for arm in chosen(settings.evaluate.arms) if arm.grounded}
    with Room(plan, settings) as room:
        sat = earlier.grades(list(questions))
        lookups = earlier.lookups(list(questions)) if grounded else []
        if lookups is None:
            lookups = yield from _looked_up(room, sheets, journal)
        elif grounded - sat.keys():
            lookups = room.restored(lookups)
        grades = yield from _asked(room, sheets, journal, lookups, sat)
        weighed = yield from _read(room, sheets, journal, earlier)
        adapters = specialists.adapters_of(plan.parents["train"])
        special = yield from specialists.examined(room, adapters, sheets, journal, earlier)
    supports = measured(grades, questions, lookups, grounded, earlier.supports(sat.keys()))
    return Logs(grades, lookups, supports, weighed, special)


def finished(journal: Journal) -> Logs | None:
    """The logs, where an earlier attempt got as far as the results."""
    grades = journal.finished(Grade)
    if grades is None:
        return None
    return Logs(
        grades,
        journal.finished(Lookup, LOOKUPS) or [],
        journal.finished(Support, SUPPORTS) or [],
        journal.finished(Weighed, WEIGHED) or [],
        journal.finished(Grade, SPECIAL) or [],
    )


def _read(room: Room, sheets: Sequence[Sheet], journal: Journal, earlier: Earlier) -> Work[list[Weighed]]:
    """Weigh the held-out passages once with and once without the adapter, as far as the arms have both."""
    asked = [question for sheet in sheets if sheet.exam == "transfer" for question in sheet.questions]
    wanted = passages_of(asked, room.settings.evaluate.text_passages)
    adapted = sorted({arm.adapted for arm in chosen(room.settings.evaluate.arms)})
    found: list[Weighed] = []
    for with_adapter in adapted if wanted else []:
        name = "lora" if with_adapter else "base"
        if (before := earlier.weighed(name, [chunk for chunk, _ in wanted])) is not None:
            found += before
            continue
        yield Progress(stage=room.stage, done=0, total=len(wanted), note=f"{name}: text that was not trained on")
        texts = room.texts(wanted)
        rows = journal.stored(f"text-{name}", Weighed, [text.chunk for text in texts])
        if rows is None:
            with room.arm(with_adapter):
                rows = weigh(texts, room.speaker, name)
            journal.store(f"text-{name}", rows)
        found += rows
    return found


def _looked_up(room: Room, sheets: Sequence[Sheet], journal: Journal) -> Work[list[Lookup]]:
    asked = [question for sheet in sheets for question in sheet.questions]
    found: list[Lookup] = []
    for start in range(0, len(asked), LOOKED_UP_AT_ONCE):
        yield Progress(stage=room.stage, done=start, total=len(asked), note="looking up sources")
        questions = asked[start : start + LOOKED_UP_AT_ONCE]
        name = f"lookup-{start // LOOKED_UP_AT_ONCE:04d}"
        rows = journal.stored(name, Lookup, [question.id for question in questions])
        if rows is None:
            ask, evaluate = room.settings.ask, room.settings.evaluate
            rows = [look_up(question, room.search, room.speaker, ask, evaluate) for question in questions]
            journal.store(name, rows)
        found += rows
    return found


def _asked(
    room: Room,
    sheets: Sequence[Sheet],
    journal: Journal,
    lookups: Sequence[Lookup],
    sat: Mapping[str, Sequence[Grade]],
) -> Work[list[Grade]]:
    config, stage = room.settings.evaluate, room.stage
    sources = {lookup.question: lookup.sources for lookup in lookups if lookup.sources}
    arms = chosen(config.arms)
    done, total = 0, len(arms) * sum(len(sheet.questions) for sheet in sheets)
    by_place: dict[tuple[str, str, str], Grade] = {}
    for arm in arms:
        if arm.name in sat:
            by_place.update({(arm.name, row.exam, row.question): row for row in sat[arm.name]})
            done += len(sat[arm.name])
            continue
        given = sources if arm.grounded else {}
        lengths = {question: len(text) for question, text in given.items()}
        for batch in paper.batches(sheets, arm.name, lengths, config.batch_size):
            yield Progress(stage=stage, done=done, total=total, note=f"{arm.name}: {batch.exam}, {batch.form}")
            rows = journal.stored(batch.name, Grade, [question.id for question in batch.questions])
            if rows is None:
                with room.arm(arm.adapted):
                    rows = sit(batch, room.speaker, given, config)
                journal.store(batch.name, rows)
            by_place.update({(arm.name, batch.exam, row.question): row for row in rows})
            done += len(rows)
    yield Progress(stage=stage, done=done, total=total, note="counting")
    return [
        by_place[arm.name, sheet.exam, question.id] for arm in arms for sheet in sheets for question in sheet.questions
    ]
