from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.recipe import GenerateConfig
from loresmith.records import Fact, Question

KINDS = ("term", "number", "cell")
FRAMES = (
    "What is the weight of part {n}-{d} in kilograms?",
    "Somebody weighs part {n}-{d} and reads which figure on the scale?",
    "Fill the gap: ____ kilograms, so heavy is part {n}-{d}.",
    "State how heavy part {n}-{d} is.",
)


def fact(document: str, number: int, **fields: Any) -> Fact:
    known = {
        "id": f"{document}-{number}",
        "chunk": f"{document}-chunk-{number // 5}",
        "document": document,
        "source": f"{document}.md",
        "page": None,
        "start": 0,
        "end": 1,
        "quote": f"Part {number}-{document} weighs {number} kilograms.",
        "kind": KINDS[number % 3],
        "subject": f"part {number}",
        "answer": str(number),
    }
    return Fact.model_validate(known | fields)


def questions(about: Fact, frames: Sequence[str] = FRAMES) -> list[Question]:
    texts = [frame.format(n=about.answer, d=about.document) for frame in frames]
    rows: list[tuple[str, int, str, tuple[str, ...]]] = [("short", n, text, ()) for n, text in enumerate(texts)]
    rows.append(("choice", 0, f"Pick one option. {texts[0]}", (about.answer, "-1")))
    return [
        Question.model_validate(
            {
                **about.model_dump(include={"document", "source", "page", "chunk", "quote", "kind", "answer"}),
                **{"id": f"{about.id}-{form}-{number}", "fact": about.id, "form": form, "wording": number},
                **{"question": text, "options": options},
            }
        )
        for form, number, text, options in rows
    ]


MakeCorpus = Callable[..., tuple[list[Fact], list[Question]]]


@pytest.fixture
def corpus() -> MakeCorpus:
    """Facts with four wordings and a choice each, by document name and number of facts."""

    def make(**sizes: int) -> tuple[list[Fact], list[Question]]:
        facts = [fact(name, number) for name, size in sizes.items() for number in range(size)]
        return facts, [question for one in facts for question in questions(one)]

    return make


@pytest.fixture
def generated(tmp_path: Path) -> Callable[..., Artifact]:
    """Facts, questions and sections as `generate` leaves them."""

    def make(facts: Sequence[Fact], rows: Sequence[Question], sections: str = "{}") -> Artifact:
        with artifact.create(tmp_path / "questions", Plan("generate", GenerateConfig())) as draft:
            (draft.path / "facts.jsonl").write_text(
                "".join(f.model_dump_json() + "\n" for f in facts), encoding="utf-8"
            )
            (draft.path / "sections.json").write_text(sections, encoding="utf-8")
            for row in rows:
                draft.keep(row)
        return artifact.read(tmp_path / "questions", made_by="generate")

    return make
