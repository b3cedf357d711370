"""Contests on exams as their stage writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.recipe import AskConfig, EvaluateConfig, ModelConfig, Recipe, SplitConfig
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Question

HOSTILE = "<img src=x onerror=document.title=1>\x1b[2J"


def examined(folder: Path, said: Mapping[str, Sequence[str]], *, first: int = 0) -> Project:
    """A project in whose recall exam each arm of `said` answered as there, one short question after the other."""
    count = len(next(iter(said.values())))
    asked = [question(first + number) for number in range(count)]
    with artifact.create(folder / "split", Plan("split", SplitConfig())) as draft:
        for exam in ("recall", "transfer", "unanswerable"):
            (draft.path / f"{exam}.jsonl").touch()
        for row in asked:
            draft.keep(row, "recall.jsonl")
    split = artifact.read(folder / "split", made_by="split")
    settings = EvaluateSettings(model=ModelConfig(), evaluate=EvaluateConfig(), ask=AskConfig())
    with artifact.create(folder / "exam", Plan("evaluate", settings, {"split": split})) as draft:
        for arm, texts in said.items():
            for row, text in zip(asked, texts, strict=True):
                draft.keep(grade(row, arm, text))
    project = Project(folder, Recipe(name="valves"))
    project.save()
    return project


def question(number: int) -> Question:
    known = {"kind": "number", "form": "short", "wording": 0, "answer": f"{number} bar", "page": 1, "chunk": "c"}
    place = {"document": f"d{number % 5}", "source": f"valves-{number % 5}.md", "fact": f"f{number}"}
    words = {"question": f"What is valve {number} rated? {HOSTILE}", "quote": f"Valve {number} is rated {number} bar."}
    return Question.model_validate({"id": f"q{number}", **known, **place, **words})


def grade(row: Question, arm: str, text: str) -> Grade:
    known = {"question": row.id, "fact": row.fact, "document": row.document, "form": row.form, "exam": "recall"}
    return Grade.model_validate({**known, "arm": arm, "given": text, "correct": text == row.answer, "token_f1": 0.5})
