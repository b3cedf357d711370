"""Lookups and answers, batch by batch, taken from the journal where an earlier attempt left them."""

from collections.abc import Mapping, Sequence

from loresmith.artifact import Plan
from loresmith.evaluate import paper
from loresmith.evaluate.arms import chosen
from loresmith.evaluate.earlier import Earlier
from loresmith.evaluate.grounding import Lookup, look_up, restored
from loresmith.evaluate.journal import Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.room import Room
from loresmith.evaluate.sitting import sit
from loresmith.progress import Work
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Progress

LOOKED_UP_AT_ONCE = 32


def hold(
    plan: Plan, settings: EvaluateSettings, sheets: Sequence[Sheet], journal: Journal, earlier: Earlier
) -> Work[tuple[list[Lookup], list[Grade]]]:
    """Ask what was neither asked by an attempt that was killed nor by an `earlier` examination that holds.

    Returns:
        The lookups in the order of the sheets (none without a grounded arm), and the grades by arm, then sheet.
    """
    with Room(plan, settings) as room:
        asked = [question.id for sheet in sheets for question in sheet.questions]
        sat = earlier.grades(asked)
        grounded = {arm.name for arm in chosen(settings.evaluate.arms) if arm.grounded}
        lookups = earlier.lookups(asked) if grounded else []
        if lookups is None:
            lookups = yield from _looked_up(plan.stage, room, sheets, journal)
        elif grounded - sat.keys():
            lookups = [restored(lookup, room.text_of) for lookup in lookups]
        grades = yield from _asked(room, sheets, journal, lookups, sat)
    return lookups, grades


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
