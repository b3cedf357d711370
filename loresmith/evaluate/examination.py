"""Lookups and answers, batch by batch, taken from the journal where an earlier attempt left them."""

from collections.abc import Sequence
from dataclasses import dataclass

from loresmith.artifact import Plan
from loresmith.evaluate import paper, specialists
from loresmith.evaluate.arms import chosen
from loresmith.evaluate.grounding import Lookup, look_up
from loresmith.evaluate.held_text import Weighed, passages_of, weigh
from loresmith.evaluate.journal import Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.room import Room
from loresmith.evaluate.sitting import sit
from loresmith.evaluate.support import Support, measure
from loresmith.progress import Work
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import UNANSWERABLE, Grade, Progress

LOOKUPS, SUPPORTS, WEIGHED = "retrieval.jsonl", "support.jsonl", "texts.jsonl"
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


def hold(plan: Plan, settings: EvaluateSettings, sheets: Sequence[Sheet], journal: Journal) -> Work[Logs]:
    """Ask what was not asked yet."""
    with Room(plan, settings) as room:
        grounded = any(arm.grounded for arm in chosen(settings.evaluate.arms))
        lookups = (yield from _looked_up(plan.stage, room, sheets, journal)) if grounded else []
        grades = yield from _asked(plan.stage, room, sheets, journal, lookups)
        weighed = yield from _read(plan.stage, room, sheets, journal)
        adapters = specialists.adapters_of(plan.parents["train"])
        special = yield from specialists.examined(plan.stage, room, adapters, sheets, journal)
    return Logs(grades, lookups, _supports(settings, sheets, lookups, grades), weighed, special)


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
        journal.finished(Grade, specialists.LOG) or [],
    )


def _supports(
    settings: EvaluateSettings, sheets: Sequence[Sheet], lookups: Sequence[Lookup], grades: Sequence[Grade]
) -> list[Support]:
    questions = {question.id: question for sheet in sheets for question in sheet.questions}
    passages = {lookup.question: lookup.passages for lookup in lookups}
    with_sources = {arm.name for arm in chosen(settings.evaluate.arms) if arm.grounded}
    return [
        measure(questions[grade.question], grade, passages[grade.question])
        for grade in grades
        if grade.form == "short" and grade.exam != UNANSWERABLE and grade.arm in with_sources
    ]


def _read(stage: str, room: Room, sheets: Sequence[Sheet], journal: Journal) -> Work[list[Weighed]]:
    """Weigh the held-out passages once with and once without the adapter, as far as the arms have both."""
    asked = [question for sheet in sheets if sheet.exam == "transfer" for question in sheet.questions]
    wanted = passages_of(asked, room.settings.evaluate.text_passages)
    adapted = sorted({arm.adapted for arm in chosen(room.settings.evaluate.arms)})
    found: list[Weighed] = []
    for with_adapter in adapted if wanted else []:
        name = "lora" if with_adapter else "base"
        yield Progress(stage=stage, done=0, total=len(wanted), note=f"{name}: text that was not trained on")
        texts = room.texts(wanted)
        rows = journal.stored(f"text-{name}", Weighed, [text.chunk for text in texts])
        if rows is None:
            with room.arm(with_adapter):
                rows = weigh(texts, room.speaker, name)
            journal.store(f"text-{name}", rows)
        found += rows
    return found


def _looked_up(stage: str, room: Room, sheets: Sequence[Sheet], journal: Journal) -> Work[list[Lookup]]:
    asked = [question for sheet in sheets for question in sheet.questions]
    found: list[Lookup] = []
    for start in range(0, len(asked), LOOKED_UP_AT_ONCE):
        yield Progress(stage=stage, done=start, total=len(asked), note="looking up sources")
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
    stage: str, room: Room, sheets: Sequence[Sheet], journal: Journal, lookups: Sequence[Lookup]
) -> Work[list[Grade]]:
    config = room.settings.evaluate
    sources = {lookup.question: lookup.sources for lookup in lookups if lookup.sources}
    arms = chosen(config.arms)
    done, total = 0, len(arms) * sum(len(sheet.questions) for sheet in sheets)
    by_place: dict[tuple[str, str, str], Grade] = {}
    for arm in arms:
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
