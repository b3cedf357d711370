"""The reading exam: the product's own questions, and people's, on documents that no training text touched.

    loresmith run recipes/deepseek-papers.yaml --rehearse --documents FOLDER --until generate --project PAPERS
    python -m training.starter.reading_exam --model MODEL --project PAPERS --xquad FILE --out reading.json

Every question is asked with the passage it was made from, without any (closed book), and with a passage of another
document that does not hold the answer, where refusing is right. Short answers are greedy and judged as in the product's
examination (`loresmith.models.squad`); choices are weighed by text and by letter.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loresmith.generate.plain import gives_away
from loresmith.generate.rules import RuleTeacher
from loresmith.models import choice, prompts, squad
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.speaker import Completion
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Question
from loresmith.statistics import bootstrap, wilson

LONGEST_ANSWER = 64
"""Tokens; a span answer needs fewer."""
REFUSALS = 300
GENERATIONS = 500
SEED = 11


@dataclass(frozen=True)
class Item:
    """One question with its passage; several right answers are possible where people wrote them."""

    question: str
    answers: tuple[str, ...]
    passage: str
    document: str
    kind: str
    options: tuple[str, ...] = ()


def of_project(project: Path) -> list[Item]:
    """The questions of a project whose stages up to `generate` have run."""
    chunks = {row["id"]: row["text"] for row in _rows(project / "chunks" / "rows.jsonl")}
    return [
        Item(
            row["question"], (row["answer"],), chunks[row["chunk"]], row["document"], row["kind"], tuple(row["options"])
        )
        for row in _rows(project / "questions" / "rows.jsonl")
    ]


def of_xquad(path: Path) -> tuple[list[Item], list[Item]]:
    """The rule teacher's questions on the paragraphs of a SQuAD-format file, and the people's questions in it."""
    made: list[Item] = []
    asked: list[Item] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            text, title = paragraph["context"], article["title"].replace("_", " ")
            chunk = Chunk(
                id=f"{title} {number}", document=title, source=title, title=title, headings=(title,), page=None,
                start=0, end=len(text), kind="prose", text=text,
            )  # fmt: skip
            for row in taught(chunk):
                made.append(Item(row.question, (row.answer,), text, title, row.kind, row.options))
            for row in paragraph["qas"]:
                answers = tuple(dict.fromkeys(answer["text"] for answer in row["answers"]))
                asked.append(Item(row["question"], answers, text, title, "human"))
    return made, asked


def taught(chunk: Chunk) -> Iterable[Question]:
    """The rule teacher's questions on one passage that do not give their answer away."""
    teacher = RuleTeacher(GenerateConfig())
    facts = list(teacher.facts(chunk))
    for fact in facts:
        for row in teacher.questions(fact, chunk, facts):
            if (row.form == "short" and not gives_away(row.question, row.answer)) or len(row.options) == 4:
                yield row


class Sitting:
    """One model at the exam."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def written(self, items: Sequence[Item], passages: Sequence[str | None]) -> list[Completion]:
        """The greedy answers, each with its passage or without one."""
        asked = [
            self.model.encode(prompts.short(item.question, None if passage is None else prompts.numbered([passage])))
            for item, passage in zip(items, passages, strict=True)
        ]
        return self.model.complete(asked, LONGEST_ANSWER)

    def chosen(self, items: Sequence[Item], *, by_letter: bool, open_book: bool) -> int:
        """How many choices are right."""
        pairs: list[tuple[list[int], list[int]]] = []
        for item in items:
            sources = prompts.numbered([item.passage]) if open_book else None
            context, replies = choice.weighed(
                self.model, item.question, item.options, by_letter=by_letter, sources=sources
            )
            pairs += [(context, reply) for reply in replies]
        scores = iter(self.model.loglikelihood(pairs))
        right = 0
        for item in items:
            own = [next(scores) for _ in item.options]
            picked = item.options[own.index(max(own))] if by_letter else choice.best(item.options, own)
            right += picked in item.answers
        return right


def examine(model: LanguageModel, sets: dict[str, list[Item]], human: list[Item]) -> dict[str, Any]:
    """All figures, each with its n and 95% interval."""
    sitting, found = Sitting(model), dict[str, Any]()
    for name, items in sets.items():
        short = [item for item in items if not item.options]
        open_book = sitting.written(short, [item.passage for item in short])
        closed = sitting.written(short, [None] * len(short))
        kinds = sorted({item.kind for item in short})
        found[name] = {
            "spans": _share(_right(short, open_book, lambda kind: kind != "cell")),
            "spans_closed_book": _share(_right(short, closed, lambda kind: kind != "cell")),
            "cells": _share(_right(short, open_book, lambda kind: kind == "cell")),
            "by_kind": {kind: _share(_right(short, open_book, kind.__eq__)) for kind in kinds},
            "refused_wrongly": _share([_refused(answer) for answer in open_book]),
            "stopped": _share([answer.stopped for answer in open_book]),
            "longest_answer": max(len(answer.ids) for answer in open_book),
        }
        four = [item for item in items if len(item.options) == 4]
        for way, by_letter in (("text", False), ("letter", True)):
            for book, is_open in (("", True), ("_closed_book", False)):
                right = sitting.chosen(four, by_letter=by_letter, open_book=is_open)
                found[name][f"choice_by_{way}{book}"] = counted(right, len(four))
        found[name] |= _swapped(sitting, short)
    answers = sitting.written(human, [item.passage for item in human])
    scores = [
        squad.token_f1(answer.text.strip(), list(item.answers)) for item, answer in zip(human, answers, strict=True)
    ]
    exact = [
        any(squad.is_correct(a.text.strip(), truth) for truth in i.answers) for i, a in zip(human, answers, strict=True)
    ]
    found["human"] = {
        "f1": bootstrap(scores, [item.document for item in human], np.random.default_rng(SEED), 2000).model_dump(),
        "exact": _share(exact),
        "refused": _share([_refused(a) for a in answers]),
    }
    lot = random.Random(SEED).sample(human, min(GENERATIONS, len(human)))
    found["stopped"] = _share([answer.stopped for answer in sitting.written(lot, [item.passage for item in lot])])
    return found


def _swapped(sitting: Sitting, items: Sequence[Item]) -> dict[str, Any]:
    """Refusals where the passage is another document's and does not hold the answer."""
    lot = random.Random(SEED)
    asked = lot.sample(list(items), min(REFUSALS, len(items)))
    pool = list(dict.fromkeys((item.document, item.passage) for item in items))
    passages: list[str | None] = []
    for item in asked:
        strangers = [
            text for name, text in pool if name != item.document and item.answers[0].lower() not in text.lower()
        ]
        passages.append(lot.choice(strangers))
    return {"refused_rightly": _share([_refused(answer) for answer in sitting.written(asked, passages)])}


def _right(items: Sequence[Item], answers: Sequence[Completion], wanted: Any) -> list[bool]:
    return [
        answer.stopped and squad.is_correct(answer.text.strip(), item.answers[0])
        for item, answer in zip(items, answers, strict=True)
        if wanted(item.kind)
    ]


def _refused(answer: Completion) -> bool:
    return answer.text.strip().startswith(prompts.REFUSAL.rstrip("."))


def _share(right: Sequence[bool]) -> dict[str, Any]:
    return counted(sum(right), len(right))


def counted(right: int, count: int) -> dict[str, Any]:
    """A share with its n and 95% Wilson interval."""
    if not count:
        return {"right": 0, "n": 0}
    found = wilson(right, count)
    return {"right": right, "n": count, "share": found.value, "low": found.low, "high": found.high}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument(
        "--project", type=Path, required=True, help="where `loresmith run --until generate` put its stages"
    )
    parser.add_argument("--xquad", type=Path, required=True, help="a file in SQuAD format")
    parser.add_argument("--most", type=int, help="a sample of this many questions of each set")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    given = parser.parse_args()
    made, human = of_xquad(given.xquad)
    sets = {"papers": of_project(given.project), "xquad": made}
    if given.most:
        sets = {name: random.Random(SEED).sample(items, min(given.most, len(items))) for name, items in sets.items()}
        human = random.Random(SEED).sample(human, min(given.most, len(human)))
    found = examine(open_model(find(str(given.model)), "float32"), sets, human)
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
