"""Take a project in: its files into a folder of the registry, its facts into a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loresmith.artifact import hash_file
from loresmith.errors import ArtifactCorrupt
from loresmith.pipeline import Project
from loresmith.pipeline.project import RECIPE
from loresmith.progress import Work
from loresmith.records import Progress
from loresmith.registry import shelf
from loresmith.registry.contents import Contents, contents_of
from loresmith.registry.records import Version

STAGE = "registry"


@dataclass(frozen=True)
class Filled:
    """What a folder was filled with."""

    contents: Contents
    files: Mapping[str, tuple[int, str]]
    """Path in the version to (bytes, sha256), as they were read back."""


def fill(project: Project, folder: Path) -> Work[Filled]:
    """All that `project` consists of, read-only in `folder`.

    Each file is read back from its new place, so that what is written down is what is kept.

    Raises:
        ArtifactCorrupt: a file is not the one that its manifest names.
    """
    contents = contents_of(project)
    wanted = list(contents.files())
    files: dict[str, tuple[int, str]] = {}
    for done, (source, name, expected) in enumerate(wanted):
        yield Progress(stage=STAGE, done=done, total=len(wanted), note=name)
        target = folder / name
        shelf.place(source, target)
        found = hash_file(target)
        if expected is not None and found != expected:
            raise ArtifactCorrupt(source.parent, f"{source.name} is not the file that was written", made_by="run")
        files[name] = (target.stat().st_size, found)
    shelf.close_off(folder)
    yield Progress(stage=STAGE, done=len(wanted), total=len(wanted))
    return Filled(contents, files)


def describe(filled: Filled, number: int, champion: int | None, stamp: str) -> Version:
    """The record of version `number`, taken in at `stamp` while `champion` was in place."""
    contents = filled.contents
    scores, verdict = contents.examined()
    recipe = contents.project.recipe
    return Version(
        number=number,
        created=stamp,
        name=recipe.name,
        parent=champion,
        base=recipe.model.base,
        base_hash=contents.base_hash(),
        dataset=contents.content("split"),
        documents=contents.content("ingest"),
        recipe=filled.files[RECIPE][1],
        rehearsed=contents.project.rehearsed,
        parts=contents.parts(),
        apart=contents.apart(),
        scores=scores,
        verdict=verdict,
        parity=contents.parity(),
    )
