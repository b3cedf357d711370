"""How often a round promotes, in simulated rounds whose true change is known, from the exam's rows to the registry.

    python -m benchmarks.watch_gate --rounds 200

Every round writes two examinations of the same 400 questions about 40 documents as real artifacts, that of the champion
and that of the candidate, adds the candidate to a registry, and takes the steps of a round from there: fair questions,
earlier and new documents as an exam each, the gate, and the move of the alias or the archiving.
A quarter of the documents is new to the champion. One answer in four differs between two versions; the true change is 0
or 10 points, the same for every document or spread by 10 points from document to document. What promoted is read from
the registry's aliases. Exits 1 if more than 5% are promoted without a change, or fewer than 80% with 10 points.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from benchmarks.gate import TO_A_DOCUMENT, Flags, World, drawn
from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, IndexConfig, IngestConfig, Recipe, SplitConfig
from loresmith.recipe.settings import EvaluateSettings, TrainSettings
from loresmith.records import Document, Grade, Question
from loresmith.registry import CHAMPION, Registry
from loresmith.statistics import wilson
from loresmith.watch import candidate
from loresmith.watch.places import Places, Taught

QUESTIONS = 400
NEW_SHARE = 0.25
MOST_WRONG, FEWEST_RIGHT = 0.05, 0.80


@dataclass(frozen=True)
class Stage:
    """Where the rounds are played."""

    project: Project
    book: Registry
    places: Places


def document_of(number: int) -> str:
    """The id of the document of a question."""
    return f"{number // TO_A_DOCUMENT:016x}"


def write(folder: Path, plan: Plan, rows: dict[str, Sequence[BaseModel]], texts: dict[str, str] | None = None) -> None:
    """An artifact of the given files."""
    with artifact.create(folder, plan) as draft:
        for name, records in rows.items():
            for record in records:
                draft.keep(record, name)
        for name, text in (texts or {}).items():
            (draft.path / name).write_text(text, encoding="utf-8")


def question(number: int) -> Question:
    """Question `number`, which asks for a fact of its own."""
    return Question(
        id=f"q{number}", fact=f"f{number}", document=document_of(number), source="d.md", page=None, chunk="c",
        quote="q", kind="number", form="short", wording=0, question=f"What is {number}?", answer="1",
    )  # fmt: skip


def prepared(home: Path) -> Stage:
    """A project whose documents and questions stay, and a registry with a first champion that learned most of them."""
    watch = {"keep_versions": 2}
    project = Project(home / "project", Recipe.model_validate({"name": "x", "gate": {"arm": "lora"}, "watch": watch}))
    project.save()
    path = project.path
    documents = [
        Document(id=document_of(n), source=f"{n}.md", title="t", format="markdown", pages=None, sha256="0", text="t")
        for n in range(0, QUESTIONS, TO_A_DOCUMENT)
    ]
    write(path / "documents", Plan("ingest", IngestConfig()), {"rows.jsonl": documents})
    write(path / "chunks", Plan("chunk", ChunkConfig()), {}, {"rows.jsonl": ""})
    write(path / "index", Plan("index", IndexConfig()), {}, {"index.json": "{}"})
    asked = [question(number) for number in range(QUESTIONS)]
    taught = [one.model_copy(update={"id": f"t{one.id}", "question": f"Say {one.id}."}) for one in asked]
    write(path / "split", Plan("split", SplitConfig()), {"recall.jsonl": asked, "train.jsonl": taught})
    book = Registry(home / "registry", create=True)
    stage = Stage(project, book, Places(path))
    train(stage, "the first")
    finish(book.add(project))
    book.promote(1, instead_of=None, reason="the first")
    return stage


def train(stage: Stage, words: str) -> None:
    """An adapter of which the content is `words`."""
    recipe = stage.project.recipe
    plan = Plan("train", TrainSettings(model=recipe.model, train=recipe.train), inputs={"round": words})
    write(stage.project.path / "adapter", plan, {}, {"adapter_config.json": words})


def examine(stage: Stage, folder: Path, right: Flags, words: str) -> None:
    """An examination with these right answers."""
    recipe = stage.project.recipe
    settings = EvaluateSettings(model=recipe.model, evaluate=recipe.evaluate, ask=recipe.ask)
    grades = [
        Grade(
            question=f"q{n}", fact=f"f{n}", document=document_of(n), arm="lora", exam="recall", form="short", given="1",
            correct=bool(is_right), token_f1=float(is_right),
        )
        for n, is_right in enumerate(right)
    ]  # fmt: skip
    split = artifact.read(stage.project.path / "split", made_by="split")
    adapter = artifact.read(stage.project.path / "adapter", made_by="train")
    plan = Plan("evaluate", settings, parents={"split": split, "train": adapter}, inputs={"round": words})
    write(folder, plan, {"rows.jsonl": grades}, {"results.json": json.dumps({"cells": [], "verdict": None})})


def is_promoted(stage: Stage, old: Flags, new: Flags, words: str) -> bool:
    """Play a round of which the exams came out so; whether the candidate is champion afterwards."""
    book, places, project = stage.book, stage.places, stage.project
    champion = book.alias(CHAMPION)
    assert champion is not None
    learned = book.entry(champion).version.parts["train"].content
    before = range(0, int(QUESTIONS * (1 - NEW_SHARE)), TO_A_DOCUMENT)
    places.teach(learned, Taught(frozenset(map(document_of, before)), frozenset()))
    train(stage, words)
    examine(stage, project.path / "exam", new, words)
    examine(stage, places.work / "exam", old, f"{words}, the champion")
    kept = finish(candidate.keep(project, book, places, f"{words}: candidate"))
    sat = {"champion": champion, "sat": True}
    finish(candidate.gate(project, book, places, (sat, kept, words)))
    candidate.clear(places)
    return book.alias(CHAMPION) == kept["version"]


def main() -> int:
    """Play every world."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--rounds", type=int, default=200)
    given.add_argument("--seed", type=int, default=17)
    args = given.parse_args()
    worst_wrong, worst_right = 0.0, 1.0
    with tempfile.TemporaryDirectory() as home:
        stage = prepared(Path(home))
        for number, (gain, spread) in enumerate([(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.1, 0.1)]):
            rng, world = np.random.default_rng([args.seed, number]), World(QUESTIONS, 0.4, gain, 0.25, spread)
            promoted = sum(
                is_promoted(stage, *drawn(rng, world), f"world {number}, round {turn}") for turn in range(args.rounds)
            )
            seen = wilson(promoted, args.rounds)
            if spread == 0.0:
                worst_wrong = max(worst_wrong, seen.value) if gain == 0 else worst_wrong
                worst_right = min(worst_right, seen.value) if gain > 0 else worst_right
            told = f"{100 * seen.value:.1f}% [{100 * seen.low:.1f}, {100 * seen.high:.1f}] of {args.rounds} promoted"
            sys.stdout.write(f"{100 * gain:+.0f} points, spread {100 * spread:.0f}, n = {QUESTIONS}: {told}\n")
            sys.stdout.flush()
        sound = finish(stage.book.verify()) == []
        stage.book.close()
    sys.stdout.write(f"the registry verifies: {'yes' if sound else 'no'}\n")
    return 0 if sound and worst_wrong <= MOST_WRONG and worst_right >= FEWEST_RIGHT else 1


if __name__ == "__main__":
    sys.exit(main())
