"""A small project with questions and nothing after them, as a review finds it."""

from pathlib import Path

from loresmith.decisions import Decision, Verdict
from loresmith.pipeline import Project, Step, run
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, Recipe, SplitConfig
from loresmith.records import Question
from loresmith.review.session import Entry, Review

VICE = "According to “The bench”, how many kg does a bench vice hold?"
"""The plainest wording about the first quote, which no lot leaves out."""
VICE_QUOTE, LATHE_QUOTE = "A bench vice holds 40 kg.", "The lathe holds 9 chisels."

BENCH = """<!-- page 1 -->

# The bench

A bench vice holds 40 kg. The drill press was introduced by Ada Moor in March 1931.
A centre punch is a tool that marks where a hole will be drilled.

<!-- page 2 -->

The band saw holds 12 blades. The lathe holds 9 chisels. A rasp is a file that has coarse teeth.

Table 1: Machines.

| Machine | Power (W) | Mass (kg) |
|---|---|---|
| Heron | 350 | 61 |
| Plover | 420 | 74 |
| Curlew | 560 | 98 |
"""
STORE = (
    "# The store\n\nThe crane holds 310 kg. A pallet is a platform that a fork lift carries. "
    "The gate was introduced by Ivo Lind in June 1958.\n"
)


def build_workshop(folder: Path) -> Project:
    """The project in `folder`, made up to its questions."""
    documents = folder / "documents-in"
    documents.mkdir(parents=True)
    (documents / "bench.md").write_text(BENCH, encoding="utf-8")
    recipe = Recipe(name="workshop", documents=(str(documents),), split=SplitConfig(held_out=0.0))
    project = Project(folder / "workshop", recipe)
    project.save()
    made(project)
    return project


def made(project: Project, until: str = "generate", **settings: object) -> list[Step]:
    """Every stage up to `until`, with these settings of `generate`."""
    config = GenerateConfig.model_validate({**project.recipe.generate.model_dump(), **settings})
    recipe = project.recipe.model_copy(update={"generate": config})
    return finish(run(Project(project.path, recipe), until=until))


def questions_of(project: Project) -> list[Question]:
    """The rows of `questions/`."""
    lines = (project.path / "questions" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question.model_validate_json(line) for line in lines]


def wordings(project: Project, quote: str, form: str = "short") -> list[str]:
    """The questions about the fact with that quote, the plainest first."""
    return [row.question for row in questions_of(project) if row.quote == quote and row.form == form]


def entry_of(review: Review, text: str) -> Entry:
    """The row that was proposed with the question `text`."""
    return next(entry for entry in review.entries() if entry.row.question.question == text)


def decide(review: Review, text: str, verdict: Verdict, **words: str) -> Entry:
    """The row after a verdict about the question `text`."""
    key = entry_of(review, text).row.key
    return review.decide(Decision.model_validate({"key": key, "verdict": verdict, **words}))[1]
