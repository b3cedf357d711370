"""Seconds of an examination by arm, and what holding the arms together saves.

    python benchmarks/exam_arms.py --questions 400

An invented project (a fact a line, chunks of 900 characters, the bundled starter with an adapter that changes nothing,
its q4_k_m file) is examined in the four arms of the model in memory and the two of the file; then each arm is examined
alone, with a model, an index and lookups of its own. Exits 1 when the arms together take more than 1.5 times what the
arms take alone. Seconds are of the clock and of all processors (with child processes): on a machine that others use,
only the second kind can be compared.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from loresmith import artifact, evaluate, export, index
from loresmith.artifact import Artifact, Plan
from loresmith.evaluate import further
from loresmith.progress import finish
from loresmith.recipe import (
    AskConfig,
    ChunkConfig,
    EvaluateConfig,
    ExportConfig,
    IndexConfig,
    ModelConfig,
    SplitConfig,
    TrainConfig,
)
from loresmith.recipe.settings import EvaluateSettings, ExportSettings, FurtherSettings, TrainSettings
from loresmith.records import Chunk, Form, Progress, Question

IN_MEMORY = ("base", "lora", "rag", "lora+rag")
FILE = ("gguf", "gguf+rag")
FACTS_PER_CHUNK = 12
MOST_RATIO = 1.5
MODEL = ModelConfig(base="starter")
ASK = AskConfig(passages=3, source_tokens=400)


@dataclass(frozen=True)
class Spent:
    """What something took."""

    clock: float
    processor: float


def spent(work: Callable[[], object]) -> Spent:
    """The seconds of `work`; those of child processes count when they have ended."""
    began, before = time.monotonic(), os.times()
    work()
    after = os.times()
    return Spent(time.monotonic() - began, sum(after[:4]) - sum(before[:4]))


def sentence(number: int) -> str:
    """What is said of one tank."""
    return f"The tank T{number} of hall {number % 7} holds {1000 + 7 * number} litres of coolant at {number % 40} bar."


def questions(count: int) -> list[Question]:
    """Half short answers, half choices."""
    forms: tuple[Form, ...] = ("short", "choice")
    asked = []
    for number in range(count // 2):
        right = f"{1000 + 7 * number} litres"
        for form in forms:
            options = tuple(f"{1000 + 7 * (number + step)} litres" for step in (3, 5, 0, 9)) if form == "choice" else ()
            row = Question(
                id=f"{form}{number}", fact=f"f{number}", document=f"d{number % 20}", source=f"hall-{number % 20}.md",
                page=None, chunk=f"c{number // FACTS_PER_CHUNK}", quote=sentence(number), kind="number", form=form,
                wording=0, question=f"How much coolant does tank T{number} hold?", answer=right, options=options,
            )  # fmt: skip
            asked.append(row)
    return asked


def chunks(count: int) -> list[Chunk]:
    """All facts, some to a chunk."""
    facts = [sentence(number) for number in range(count)]
    groups = [facts[start : start + FACTS_PER_CHUNK] for start in range(0, count, FACTS_PER_CHUNK)]
    return [
        Chunk(
            id=f"c{place}", document=f"d{place}", source=f"hall-{place}.md", title="Tanks", headings=(), page=None,
            start=0, end=len(" ".join(group)), kind="prose", text=" ".join(group),
        )
        for place, group in enumerate(groups)
    ]  # fmt: skip


def made(stage: str, settings: Any, folder: Path, fill: Callable[[artifact.Draft], None]) -> Artifact:
    """An artifact without a stage."""
    with artifact.create(folder / stage, Plan(stage, settings)) as draft:
        fill(draft)
    return artifact.read(folder / stage, made_by=stage)


def adapter(draft: artifact.Draft) -> None:
    """An adapter that has learned nothing: it costs what one costs that has."""
    from peft import LoraConfig, get_peft_model

    from loresmith.models import locate
    from loresmith.models.weights import load_model, quiet

    with quiet():
        base = load_model(locate.find(MODEL.base), "float32")
        fitted = get_peft_model(base, LoraConfig(r=32, lora_alpha=64, target_modules="all-linear"))
        fitted.save_pretrained(draft.path)


def project(folder: Path, count: int) -> dict[str, Artifact]:
    """Everything that an examination of `count` questions reads."""

    def split(draft: artifact.Draft) -> None:
        for question in questions(count):
            draft.keep(question, "recall.jsonl")

    def cut(draft: artifact.Draft) -> None:
        for chunk in chunks(count // 2):
            draft.keep(chunk)

    found = made("chunk", ChunkConfig(), folder, cut)
    trained = made("train", TrainSettings(model=MODEL, train=TrainConfig()), folder, adapter)
    shipping = ExportSettings(model=MODEL, export=ExportConfig())
    return {
        "split": made("split", SplitConfig(), folder, split),
        "index": finish(index.run(Plan("index", IndexConfig(), {"chunk": found}), folder / "index")),
        "train": trained,
        "export": finish(export.run(Plan("export", shipping, {"train": trained}), folder / "export")),
    }


def examine(parents: dict[str, Artifact], target: Path, arms: tuple[str, ...], seconds: dict[str, float]) -> Artifact:
    """The exam of the model in memory in `arms`; adds the seconds of the clock of each step to `seconds`."""
    config = EvaluateConfig.model_validate({"arms": arms, "max_new_tokens": 24})
    plan = Plan("evaluate", EvaluateSettings(model=MODEL, evaluate=config, ask=ASK), parents)
    exam: Artifact = timed(evaluate.run(plan, target), seconds)
    return exam


def examine_file(parents: dict[str, Artifact], target: Path, arms: tuple[str, ...], seconds: dict[str, float]) -> None:
    """The exam of the file in `arms`."""
    config = EvaluateConfig.model_validate({"arms": (), "further": arms, "max_new_tokens": 24})
    timed(further.run(Plan("gguf", FurtherSettings(evaluate=config, ask=ASK), parents), target), seconds)


def timed(work: Any, seconds: dict[str, float]) -> Any:
    """What `work` returns; the clock of each step is added under the first word of its note."""
    name, began = "", time.monotonic()

    def hear(step: Progress) -> None:
        nonlocal name, began
        now = time.monotonic()
        if name:
            seconds[name] = seconds.get(name, 0.0) + now - began
        name, began = step.note.partition(":")[0], now

    result = finish(work, hear)
    seconds[name] = seconds.get(name, 0.0) + time.monotonic() - began
    return result


def main() -> int:
    """Hold the examinations and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=400)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="loresmith-arms-"))
    parents = project(folder, given.questions)
    examine({**parents, "split": _few(folder)}, folder / "warm", ("lora+rag",), {})  # libraries are loaded
    steps: dict[str, float] = {}
    exams: list[Artifact] = []
    together = [
        spent(lambda: exams.append(examine(parents, folder / "exam", IN_MEMORY, steps))),
        spent(lambda: examine_file({**parents, "evaluate": exams[0]}, folder / "exam-gguf", FILE, steps)),
    ]
    told = ", ".join(f"{name} {took:.1f}" for name, took in steps.items())
    print(f"{given.questions} questions, seconds of the clock together: {told}")
    beside = {**parents, "evaluate": exams[0]}
    alone = {arm: spent(partial(examine, parents, folder / f"alone-{arm}", (arm,), {})) for arm in IN_MEMORY}
    alone |= {arm: spent(partial(examine_file, beside, folder / f"alone-{arm}", (arm,), {})) for arm in FILE}
    for arm, took in alone.items():
        print(f"{arm:<10} alone: {took.clock:6.1f} s of the clock, {took.processor:6.1f} s of processors")
    ratio = sum(part.processor for part in together) / sum(took.processor for took in alone.values())
    by_clock = sum(part.clock for part in together) / sum(took.clock for took in alone.values())
    whole = sum(part.processor for part in together)
    print(f"together: {sum(part.clock for part in together):.1f} s of the clock, {whole:.1f} s of processors")
    print(f"ratio to the {len(alone)} arms alone: {ratio:.2f} by processors, {by_clock:.2f} by the clock")
    print(f"ratio to {len(alone)} times `lora+rag` alone: {whole / len(alone) / alone['lora+rag'].processor:.2f}")
    shutil.rmtree(folder)
    return int(ratio > MOST_RATIO)


def _few(folder: Path) -> Artifact:
    def fill(draft: artifact.Draft) -> None:
        for question in questions(4):
            draft.keep(question, "recall.jsonl")

    return made("split", SplitConfig(), folder / "few", fill)


if __name__ == "__main__":
    sys.exit(main())
