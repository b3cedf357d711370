"""The steps of a round that make a candidate and decide on it; each does nothing twice."""

import shutil
from collections.abc import Mapping
from typing import Any

from loresmith import artifact
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import Project, identity_of, plan_of, run_one, stage
from loresmith.pipeline.sources import fingerprints
from loresmith.progress import Work
from loresmith.registry import CHAMPION, Registry
from loresmith.registry.promotion import Judgement, Trial, promote
from loresmith.watch import trial
from loresmith.watch.costing import expected
from loresmith.watch.places import Places
from loresmith.watch.records import Cost, Outcome
from loresmith.watch.refreshing import added_as
from loresmith.watch.staging import finished_parts, staged

Said = Mapping[str, Any]
PARTS = ("ingest", "chunk", "generate", "split", "index", "train", "evaluate", "benchmark")
SHIPPED = ("export", "parity")
OUTCOMES: dict[str, Outcome] = {"promote": "promoted", "keep": "kept", "cannot tell": "cannot tell"}


def questions(project: Project) -> Work[Said]:
    """Questions about every document that stands now, and what of them is trained and examined."""
    yield from run_one(project, "generate")
    step = yield from run_one(project, "split")
    return {"split": step.artifact.manifest.content if step.artifact else None}


def is_taught(project: Project, book: Registry) -> bool:
    """Whether the champion's adapter is what training now would give: same rows, same settings, same base."""
    champion = book.alias(CHAMPION)
    if champion is None:
        return False
    try:
        adapter = artifact.read(book.folder(champion) / stage("train").folder, made_by="train")
    except ArtifactMissing:
        return False
    training = stage("train")
    parents = {name: artifact.read(project.path / stage(name).folder, made_by=name) for name in training.parents}
    outside = fingerprints(training.files(project)) if training.files else {}
    return (
        adapter.manifest.fingerprint == plan_of(project, training, parents, outside, identity_of(project)).fingerprint
    )


def cost(project: Project, places: Places) -> Cost:
    """What the rest of the round will take."""
    return expected(artifact.read(project.path / stage("split").folder, made_by="split"), places.rounds())


def train(project: Project) -> Work[Said]:
    """The adapter, from the base model, on all that is taught now."""
    step = yield from run_one(project, "train")
    return {"adapter": step.artifact.manifest.content if step.artifact else None}


def examine(project: Project, *, exports: bool) -> Work[Said]:
    """The full examination, the benchmarks that the recipe asks, and where it is to be, the file and its parity."""
    asked = ["evaluate", *(["benchmark"] if stage("benchmark").is_wanted(project) else [])]
    for name in [*asked, *(SHIPPED if exports else ())]:
        yield from run_one(project, name)
    return {}


def champion_sits(project: Project, book: Registry, places: Places) -> Work[Said]:
    """The champion sits the same exam, if it has an adapter to sit it with."""
    champion = book.alias(CHAMPION)
    if champion is None or "train" not in book.entry(champion).version.parts:
        return {"champion": champion, "sat": False}
    yield from trial.sit(project, book, champion, places.work / "exam")
    return {"champion": champion, "sat": True}


def keep(project: Project, book: Registry, places: Places, label: str) -> Work[Said]:
    """The candidate as a version of the registry, and what it was taught on record."""
    split = artifact.read(project.path / stage("split").folder, made_by="split")
    adapter = artifact.read(project.path / stage("train").folder, made_by="train")
    places.teach(adapter.manifest.content, trial.lessons(split))
    number = added_as(book, label)
    if number is None:
        names = (*PARTS, *(SHIPPED if project.recipe.watch and project.recipe.watch.export else ()))
        made = staged(project, places.work / "candidate", finished_parts(project.path, names))
        number = (yield from book.add(made, reason=label)).number
    return {"version": number}


def gate(project: Project, book: Registry, places: Places, before: tuple[Said, Said, str]) -> Work[Said]:
    """The gate's decision on the candidate, carried out and written down once.

    Args:
        project: Holds the candidate's exam.
        book: Where it was added.
        places: Hold the champion's exam.
        before: What the champion's exam and the adding left, and the round's name.

    Raises:
        UserError: another has become champion since it sat the exam.
    """
    sat, kept, label = before
    number, champion = int(kept["version"]), sat["champion"]
    judged = _judged_before(book, number)
    if judged is None:
        if book.alias(CHAMPION) != champion:
            raise UserError(
                f"The champion was version {champion} when it sat the exam, and is another now.",
                next_step="See `loresmith registry log`; the next round compares with the new one.",
            )
        old = None if champion is None else book.entry(champion).version
        exams = trial.held(project, old, places.work / "exam" if sat["sat"] else None, places)
        gone = trial.unlearned(project, old, places)
        judged = yield from promote(book, number, reason=label, trial=Trial(exams, must_gain=not gone))
    if judged is None:
        raise UserError(f"Version {number} was promoted by hand.", next_step="See `loresmith registry log`.")
    if judged.decision == "keep" and book.entry(number).state == "kept":
        book.archive(number, reason=f"{label}: refused")
    if project.recipe.watch and project.recipe.watch.keep_versions:
        book.prune(project.recipe.watch.keep_versions)
    return {"outcome": OUTCOMES[judged.decision], "headline": judged.headline, "numbers": _numbers(judged)}


def clear(places: Places) -> None:
    """Remove the folders of a round that has ended."""
    shutil.rmtree(places.work, ignore_errors=True)


def _judged_before(book: Registry, number: int) -> Judgement | None:
    """What the gate said in an attempt that was killed after it."""
    told = [event for event in book.events(number) if event.action in ("promote", "refuse") and event.evidence]
    return Judgement.model_validate(told[-1].evidence) if told else None


def _numbers(judged: Judgement) -> dict[str, Any]:
    found: dict[str, Any] = {"against": judged.against}
    if judged.gate is not None:
        first = judged.gate.rules[0]
        found |= {
            "before": first.before.model_dump(),
            "after": first.after.model_dump(),
            "difference": first.difference.model_dump(),
            "cautions": judged.gate.cautions,
        }
    return found
