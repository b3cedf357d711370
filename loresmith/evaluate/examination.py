"""Lookups and answers, batch by batch, taken from the journal where an earlier attempt left them."""

from collections.abc import Sequence

from loresmith.artifact import Plan
from loresmith.evaluate import paper, specialists
from loresmith.evaluate.arms import chosen
from loresmith.evaluate.grounding import Lookup, look_up
from loresmith.evaluate.journal import Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.room import Room
from loresmith.evaluate.sitting import sit
from loresmith.progress import Work
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Progress

LOOKED_UP_AT_ONCE = 32


def hold(
    plan: Plan, settings: EvaluateSettings, sheets: Sequence[Sheet], journal: Journal
) -> Work[tuple[list[Lookup], list[Grade], list[Grade]]]:
    """Ask what was not asked yet.

    Returns:
        The lookups in the order of the sheets (none without a grounded arm), the grades by arm, then sheet, and those
        of the adapters of single domains.
    """
    with Room(plan, settings) as room:
        grounded = any(arm.grounded for arm in chosen(settings.evaluate.arms))
        lookups = (yield from _looked_up(plan.stage, room, sheets, journal)) if grounded else []
        grades = yield from _asked(plan.stage, room, sheets, journal, lookups)
        adapters = specialists.adapters_of(plan.parents["train"])
        special = yield from specialists.examined(plan.stage, room, adapters, sheets, journal)
    return lookups, grades, special


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
