"""Train the router of a roster: questions of every project's split to vectors, to a calibrated classifier on disk.

Writes the folder `router/` beside the roster's file: `router.safetensors` (the regression, and the vectors of the
questions it learned from), `router.json` (experts, temperature, bounds) and the manifest. The same splits and settings
give the same bytes, also after the process was killed on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from loresmith import artifact
from loresmith.artifact import Artifact, Plan, State
from loresmith.pipeline import Project, open_project, stage
from loresmith.progress import Work
from loresmith.recipe.experts import Roster, RouterConfig
from loresmith.records import Progress
from loresmith.retrieval import journal
from loresmith.retrieval.vectors import open_embedder
from loresmith.router.decision import FACTS, STAGE, WEIGHTS
from loresmith.router.fitting import Fit, Labelled, fit
from loresmith.router.questions import SECTIONS, Lessons, lessons, sections_of

FOLDER = "router"
REVISION = 1
"""Raised when this code gives other weights for the same questions."""
SLICE = 64
"""Questions between two reports, and between two writes of what was embedded."""


@dataclass(frozen=True)
class Teaching:
    """What a router is made from."""

    plan: Plan
    target: Path
    projects: dict[str, Project]
    """By the name of the expert."""
    splits: dict[str, Artifact]

    def state(self) -> State:
        """Whether the router is there already."""
        return artifact.state(self.target, self.plan)


def teaching(roster: Roster, place: Path) -> Teaching:
    """What the router of `roster`, whose file lies in the folder `place`, is made from.

    Raises:
        UserError: a project cannot be opened, or was not split yet.
    """
    projects = {one.name: open_project(Path(one.project)) for one in roster.experts}
    splits = {
        name: artifact.read(project.path / stage("split").folder, made_by="split") for name, project in projects.items()
    }
    inputs = {
        f"sections of {name}": artifact.hash_file(path)
        for name, project in projects.items()
        if (path := project.path / stage("generate").folder / SECTIONS).is_file()
    }
    return Teaching(Plan(STAGE, roster.router, splits, inputs, REVISION), place / FOLDER, projects, splits)


def run(given: Teaching) -> Work[Artifact]:
    """The router, trained and calibrated; one that is there and fresh is taken as it is.

    Raises:
        NothingKept: an expert has too few questions.
    """
    if (there := given.state().artifact) is not None:
        return there
    config = RouterConfig.model_validate(given.plan.settings)
    taught = {
        name: lessons(name, split, sections_of(given.projects[name].path / stage("generate").folder), config)
        for name, split in given.splits.items()
    }
    with artifact.create(given.target, given.plan, resume=True) as draft:
        vectors = yield from _embedded([text for one in taught.values() for text in _texts(one)], config, draft.path)
        made = fit(*_labelled(list(taught.values()), vectors), tuple(taught), config)
        write(made, draft.path)
        journal.remove(draft.path)
        draft.counts.update({name: len(one.learned) for name, one in taught.items()})
        draft.notes["held_out"] = {name: len(one.held_out) for name, one in taught.items()}
        draft.notes["facts"] = made.facts.model_dump(mode="json")
    return artifact.read(given.target, made_by=STAGE)


def write(made: Fit, folder: Path) -> None:
    """The router's numbers as the two files of the folder; the same numbers give the same bytes."""
    tensors = {
        "bias": made.linear.bias.astype(np.float32),
        "known": made.known,
        "weights": made.linear.weights.astype(np.float32),
    }
    (folder / WEIGHTS).write_bytes(save(tensors))
    (folder / FACTS).write_text(made.facts.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _texts(one: Lessons) -> tuple[str, ...]:
    return (*one.learned, *one.held_out)


def _embedded(texts: Sequence[str], config: RouterConfig, folder: Path) -> Work[NDArray[np.float32]]:
    """The vectors of `texts`; what a killed run had embedded is in `folder`."""
    embedder = open_embedder(config.embedder)
    kept = journal.Journal(folder, texts, embedder.dimensions, SLICE)
    for start in range(kept.done, len(texts), SLICE):
        kept.append(embedder.encode(texts[start : start + SLICE]))
        yield Progress(stage=STAGE, done=kept.done, total=len(texts), note="questions")
    return kept.rows()


def _labelled(taught: Sequence[Lessons], vectors: NDArray[np.float32]) -> tuple[Labelled, Labelled]:
    """The vectors of all learned and of all held-out questions, with the number of their expert."""
    parts: tuple[list[int], list[int]] = [], []
    numbers: tuple[list[int], list[int]] = [], []
    start = 0
    for number, one in enumerate(taught):
        for side, count in enumerate((len(one.learned), len(one.held_out))):
            parts[side].extend(range(start, start + count))
            numbers[side].extend([number] * count)
            start += count
    learned, held_out = (
        Labelled(vectors[rows], np.array(labels, dtype=np.int64)) for rows, labels in zip(parts, numbers, strict=True)
    )
    return learned, held_out
