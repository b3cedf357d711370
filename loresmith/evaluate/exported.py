"""The exported file sits the exam, by llama.cpp: opened once, when the first answer is missing."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from loresmith.evaluate import paper
from loresmith.evaluate.arms import FILE, Arm
from loresmith.evaluate.journal import Journal
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.sitting import sit as sit_batch
from loresmith.models.gguf import WINDOW, GgufModel
from loresmith.progress import Work
from loresmith.recipe.settings import FurtherSettings
from loresmith.records import Grade, Progress


def sit(
    path: Path,
    settings: FurtherSettings,
    arms: Sequence[Arm],
    sheets: Sequence[Sheet],
    sources: Mapping[str, str],
    journal: Journal,
) -> Work[dict[str, list[Grade]]]:
    """The grades of each of `arms` in the order of the sheets; batches that lie in the journal are not asked again."""
    config = settings.evaluate
    done, total = 0, len(arms) * sum(len(sheet.questions) for sheet in sheets)
    found: dict[str, list[Grade]] = {}
    with ExitStack() as opened:
        speaker: GgufModel | None = None
        for arm in arms:
            given = sources if arm.grounded else {}
            lengths = {question: len(text) for question, text in given.items()}
            by_place: dict[tuple[str, str], Grade] = {}
            for batch in paper.batches(sheets, arm.name, lengths, config.batch_size):
                yield Progress(stage=FILE, done=done, total=total, note=f"{arm.name}: {batch.exam}, {batch.form}")
                rows = journal.stored(batch.name, Grade, [question.id for question in batch.questions])
                if rows is None:
                    # the exam cut its sources to the model's window, which is the file's; llama.cpp holds less at first
                    window = WINDOW + settings.ask.source_tokens
                    speaker = speaker or opened.enter_context(GgufModel(path, window=window))
                    rows = sit_batch(batch, speaker, given, config)
                    journal.store(batch.name, rows)
                by_place.update({(batch.exam, row.question): row for row in rows})
                done += len(rows)
            found[arm.name] = [by_place[sheet.exam, question.id] for sheet in sheets for question in sheet.questions]
    yield Progress(stage=FILE, done=done, total=total, note="counting")
    return found
