"""Champion and candidate sit the same exam: the current one, also where its questions are new to the champion.

Three things make the comparison fair. A question whose very words the champion was trained on counts for nobody, nor
one of the transfer exam about a document that it learned from. The documents are no sample of others: the expert
answers from these alone, so that facts are what chance chose, and intervals are drawn over facts. And what stood before
and what is new are two exams, since a candidate nearly always wins on what only it has learned: with the gate's rule
that no exam may clearly fall, new documents cannot pay for earlier ones that were forgotten or contradicted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.compare import contests
from loresmith.compare.changes import estimate
from loresmith.compare.gate import Contest
from loresmith.compare.marks import Mark, Sheet
from loresmith.compare.reading import read
from loresmith.errors import ArtifactMissing
from loresmith.pipeline import Project, identity_of, open_project, plan_of, stage
from loresmith.progress import Work
from loresmith.records import UNANSWERABLE, Document, Estimate, Question
from loresmith.registry import Registry
from loresmith.registry.records import Version
from loresmith.watch.places import Places, Taught, hashed

EXAM = "evaluate"
TRAINED = ("train.jsonl", "validation.jsonl")
WITHOUT_ADAPTER = {"lora": "base", "lora+rag": "rag"}


@dataclass(frozen=True)
class Ground:
    """What decides whether a question is fair to the champion, and whether it is about an earlier document."""

    taught: Taught
    words: dict[str, str]
    """Question id to its words."""


def arm_of(project: Project) -> str:
    """The arm that ships: the recipe's, or the one with most of adapter and retrieval that is examined."""
    order = ("base", "lora", "rag", "lora+rag")
    return project.recipe.gate.arm or max(project.recipe.evaluate.arms, key=order.index)


def sit(project: Project, book: Registry, number: int, target: Path) -> Work[Artifact]:
    """The exam of `project` as version `number` of the registry answers it, in the arm that ships, at `target`.

    Resumed where a killed attempt left it.

    Raises:
        ArtifactMissing: the exam's questions, the index or the version's adapter are not there.
    """
    champion = open_project(book.folder(number), only_look=True)
    recipe = project.recipe.model_copy(
        update={
            "model": champion.recipe.model,
            "evaluate": project.recipe.evaluate.model_copy(update={"arms": (arm_of(project),)}),
        }
    )
    sitting = replace(project, recipe=recipe)
    made = {name: artifact.read(project.path / stage(name).folder, made_by=name) for name in ("split", "index")}
    made["train"] = artifact.read(champion.path / stage("train").folder, made_by="train")
    exam = stage(EXAM)
    plan = plan_of(sitting, exam, made, {}, identity_of(sitting))
    state = artifact.state(target, plan)
    return state.artifact or (yield from exam.work(plan, target, {}))


def held(project: Project, champion: Version | None, sat: Path | None, places: Places) -> list[Contest]:
    """The exams of the champion, which `sat` in that folder, and of the candidate, which lies in `project`.

    A champion without an adapter, like no champion at all, is the base model in the candidate's own exam.

    Raises:
        UserError: the two were examined in different ways.
    """
    arm = arm_of(project)
    new = read(project.path, arm)
    if sat is not None:
        old = read(sat, arm)
    else:
        bare = WITHOUT_ADAPTER.get(arm, arm) if champion is not None else "base"
        old = read(project.path, bare)
    ground = Ground(taught_by(champion, places), _words(project))
    return [part for contest in contests.exams(old, new) for part in fair_parts(contest, ground)]


def taught_by(champion: Version | None, places: Places) -> Taught:
    """What the adapter of `champion` was taught, as far as it is known."""
    if champion is None or "train" not in champion.parts:
        return Taught()
    return places.taught(champion.parts["train"].content) or Taught()


def accuracy(place: Path, arm: str) -> Estimate:
    """Right answers of `arm` in all exams at `place` but that of questions without an answer."""
    sheets = [sheet for sheet in read(place, arm).sheets if sheet.measure == "correct" and sheet.name != UNANSWERABLE]
    marks = tuple(_by_fact([mark for sheet in sheets for mark in sheet.marks]))
    return estimate(Sheet("the exams", "correct", marks))


def unlearned(project: Project, champion: Version | None, places: Places) -> frozenset[str]:
    """Ids of documents that the champion learned from and that do not stand any more: changed or withdrawn.

    While there are any, a candidate need not be better to replace it.
    """
    read = artifact.read(project.path / stage("ingest").folder, made_by="ingest")
    return taught_by(champion, places).documents - {document.id for document in read.rows(Document)}


def lessons(split: Artifact) -> Taught:
    """What training on `split` teaches."""
    rows = [row for name in TRAINED for row in split.rows(Question, name)]
    return Taught(frozenset(row.document for row in rows), frozenset(hashed(row.question) for row in rows))


def _words(project: Project) -> dict[str, str]:
    try:
        split = artifact.read(project.path / stage("split").folder, made_by="split")
    except ArtifactMissing:
        return {}
    names = ("recall.jsonl", "transfer.jsonl", f"{UNANSWERABLE}.jsonl")
    return {row.id: row.question for name in names for row in split.rows(Question, name)}


def fair_parts(contest: Contest, ground: Ground) -> Iterator[Contest]:
    """The fair questions of an exam: those on earlier documents and those on new ones as an exam each."""
    fair = {mark.question for mark in contest.new.marks if _is_fair(mark, contest.name, ground)}
    if not fair:
        return
    earlier = {mark.question for mark in contest.new.marks if mark.document in ground.taught.documents} & fair
    if contest.name == UNANSWERABLE or contest.name == "transfer" or not earlier or earlier == fair:
        yield _part(contest, contest.name, fair)
        return
    yield _part(contest, f"{contest.name} on earlier documents", earlier)
    yield _part(contest, f"{contest.name} on new documents", fair - earlier)


def _is_fair(mark: Mark, exam: str, ground: Ground) -> bool:
    if exam == "transfer":
        return mark.document not in ground.taught.documents
    return not ground.taught.had(ground.words.get(mark.question, ""))


def _part(contest: Contest, name: str, questions: set[str]) -> Contest:
    return Contest(_cut(contest.old, name, questions), _cut(contest.new, name, questions))


def _cut(sheet: Sheet, name: str, questions: set[str]) -> Sheet:
    marks = [mark for mark in sheet.marks if mark.question in questions]
    return replace(sheet, name=name, marks=tuple(_by_fact(marks)))


def _by_fact(marks: Sequence[Mark]) -> Iterator[Mark]:
    """As if all were of one document, which makes the facts what an interval is drawn over."""
    return (replace(mark, document="all", fact=mark.fact or mark.question) for mark in marks)
