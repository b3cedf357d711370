"""The artifacts of a project that belong to its adapter: what it was made from, its exam, its file and their parity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.errors import ArtifactMissing
from loresmith.pipeline import STAGES, Project
from loresmith.recipe.settings import ReportSettings
from loresmith.report.material import Material

What = Literal["adapter", "merged", "gguf"]
WHATS: tuple[What, ...] = ("adapter", "merged", "gguf")
BESIDE = (("index", "chunk"), ("evaluate", "train"), ("export", "train"), ("parity", "export"), ("gguf", "export"))
"""Stages that the adapter was not made from, each with the parent that ties it to those that it was."""


@dataclass(frozen=True)
class Expert:
    """An adapter and all that is known about it."""

    project: Project
    material: Material
    """Artifacts of one chain; what was made anew since is not among them."""
    apart: tuple[str, ...]
    """Stages whose artifact is of another chain."""

    @property
    def name(self) -> str:
        """Of the project."""
        return self.project.recipe.name

    def made(self, stage: str) -> Artifact | None:
        """The artifact of a stage, or `None` where there is none of this chain."""
        return self.material.parents.get(stage)

    def settings(self, stage: str) -> dict[str, Any]:
        """The settings that a stage worked with, not those that the recipe has now; empty where it is not there."""
        made = self.made(stage)
        return dict(made.manifest.settings) if made else {}


def open_expert(project: Project) -> Expert:
    """The expert in `project`.

    Raises:
        ArtifactMissing: there is no adapter yet.
        ArtifactCorrupt: an artifact is not what its manifest says.
    """
    found = dict(_found(project))
    if "train" not in found:
        raise ArtifactMissing(project.path / "adapter", made_by=f"train {project.path}")
    kept = {name: found[name] for name in _chain(found)}
    settings = ReportSettings(recipe=project.recipe, rehearsed=project.rehearsed, aside=project.aside)
    ordered = {stage.name: kept[stage.name] for stage in STAGES if stage.name in kept}
    return Expert(project, Material(settings, ordered), tuple(name for name in found if name not in kept))


def _found(project: Project) -> Iterator[tuple[str, Artifact]]:
    for stage in STAGES:
        if stage.name == "report":
            continue
        try:
            yield stage.name, artifact.read(project.path / stage.folder, made_by=f"{stage.name} {project.path}")
        except ArtifactMissing:
            continue


def _chain(found: Mapping[str, Artifact]) -> set[str]:
    """Names of the artifacts that hang together with the adapter by the hashes of their content."""
    kept, open_ones = {"train"}, ["train"]
    while open_ones:
        child = found[open_ones.pop()]
        for name in child.manifest.parents:
            if name in found and name not in kept and _is_of(child, found[name], name):
                kept.add(name)
                open_ones.append(name)
    for name, tie in BESIDE:
        # an exam of another split than the adapter's may ask what was trained: every parent has to be the same
        if (
            name in found
            and tie in kept
            and all(_is_of(found[name], found[k], k) for k in kept & _parents(found[name]))
        ):
            kept.add(name)
    return kept


def _parents(child: Artifact) -> set[str]:
    return set(child.manifest.parents)


def _is_of(child: Artifact, parent: Artifact, name: str) -> bool:
    return child.manifest.parents.get(name) == parent.manifest.content
