"""Small projects with an index and whatever else is asked for; enough for a registry, which opens no model."""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.recipe import IndexConfig, Recipe, TrainConfig

LARGE_BYTES = 1_100_000
"""A file of this size is linked, not copied."""


def small_project(folder: Path, text: str = "one", *, name: str = "plant", large: bool = False) -> Project:
    """A project whose index says `text`; with a `large` adapter where it is asked for."""
    project = Project(folder, Recipe(name=name))
    project.save()
    with artifact.create(folder / "index", Plan("index", IndexConfig(), inputs={"text": text})) as draft:
        (draft.path / "facts.json").write_text(text, encoding="utf-8")
    if large:
        with artifact.create(folder / "adapter", Plan("train", TrainConfig(), inputs={"model": "ab" * 32})) as draft:
            (draft.path / "adapter_model.safetensors").write_bytes(text.encode() * (LARGE_BYTES // len(text)))
    return project
