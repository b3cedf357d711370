"""The adapters of single domains, each in the questions on its own documents, beside the arms that answered the same.

Closed book, after the arms and apart from them: the verdict is on the adapter that learned everything. Not covered:
adapters that learned rows of others alone, for which the project has no exam.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch

from loresmith import statistics
from loresmith.artifact import Artifact
from loresmith.evaluate import paper
from loresmith.evaluate.earlier import Earlier
from loresmith.evaluate.journal import SPECIAL, Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.results import Specialist
from loresmith.evaluate.room import Room
from loresmith.evaluate.sitting import sit
from loresmith.progress import Work
from loresmith.recipe import AdapterConfig
from loresmith.records import UNANSWERABLE, Estimate, Grade, Progress

ARM = "lora:"
"""Before the name of the adapter, in the grades."""


def adapters_of(train: Artifact) -> list[AdapterConfig]:
    """The adapters of single domains that were trained beside the whole."""
    settings = train.manifest.settings.get("train", {})
    return [AdapterConfig.model_validate(one) for one in settings.get("adapters", ())]


def asked(adapter: AdapterConfig, sheets: Sequence[Sheet]) -> list[Sheet]:
    """The part of `sheets` that is on the documents of `adapter`, and has right answers."""
    own = []
    for sheet in sheets:
        mine = tuple(q for q in sheet.questions if any(fnmatch(q.source, pattern) for pattern in adapter.documents))
        if sheet.exam != UNANSWERABLE and sheet.form != "long":
            own.append(Sheet(sheet.exam, sheet.form, mine, len(mine)))
    return own


def examined(
    room: Room, adapters: Sequence[AdapterConfig], sheets: Sequence[Sheet], journal: Journal, earlier: Earlier
) -> Work[list[Grade]]:
    """The grades of every adapter, in the order of its sheets; what was asked before is not asked again."""
    papers = [(adapter.name, asked(adapter, sheets)) for adapter in adapters]
    done, total = 0, sum(len(sheet.questions) for _, own in papers for sheet in own)
    found: list[Grade] = []
    for name, own in papers:
        questions = [question.id for sheet in own for question in sheet.questions]
        if (sat := earlier.grades(questions, SPECIAL).get(f"{ARM}{name}")) is not None:
            found += sat
            done += len(sat)
            continue
        rows: dict[tuple[str, str], Grade] = {}
        for batch in paper.batches(own, f"{ARM}{name}", {}, room.settings.evaluate.batch_size):
            yield Progress(stage=room.stage, done=done, total=total, note=f"adapter {name}: {batch.exam}, {batch.form}")
            part = batch.name.replace(":", "-")
            grades = journal.stored(part, Grade, [question.id for question in batch.questions])
            if grades is None:
                with room.specialist(name):
                    grades = sit(batch, room.speaker, {}, room.settings.evaluate)
                journal.store(part, grades)
            rows.update({(grade.exam, grade.question): grade for grade in grades})
            done += len(grades)
        found += [rows[sheet.exam, question.id] for sheet in own for question in sheet.questions]
    return found


def compared(special: Sequence[Grade], grades: Sequence[Grade]) -> tuple[Specialist, ...]:
    """Each adapter in each exam, and what base and the adapter of everything made of the same questions."""
    marks: dict[tuple[str, str], dict[str, bool]] = {}
    for grade in (*grades, *special):
        marks.setdefault((grade.exam, grade.arm), {})[grade.question] = grade.correct is True
    made = []
    for exam, arm in dict.fromkeys((grade.exam, grade.arm) for grade in special):
        own = marks[exam, arm]
        before = _same(own, marks.get((exam, "base"), {}))
        won_lost = statistics.discordant(before, list(own.values())) if before else None
        made.append(
            Specialist(
                adapter=arm.removeprefix(ARM),
                exam=exam,
                accuracy=_accuracy(list(own.values())),
                base=_accuracy(before) if before else None,
                everything=_accuracy(whole) if (whole := _same(own, marks.get((exam, "lora"), {}))) else None,
                p=round(statistics.mcnemar(*won_lost), 6) if won_lost else None,
            )
        )
    return tuple(made)


def _same(own: Mapping[str, bool], others: Mapping[str, bool]) -> list[bool]:
    """The marks of `others` for the questions of `own`; none where that arm did not sit."""
    return [others[question] for question in own] if others else []


def _accuracy(right: Sequence[bool]) -> Estimate:
    return statistics.wilson(sum(right), len(right))
