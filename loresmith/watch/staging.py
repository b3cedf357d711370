"""A project put together from finished parts of others, to be added to a registry: nothing in it is made anew."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from loresmith.artifact import MANIFEST
from loresmith.pipeline import Project, stage

FROM_CHAMPION = ("train", "evaluate", "benchmark", "export", "parity")
"""What a champion keeps when its index is made anew: not the questions and not the report, which tell what documents
said that may be gone."""


def staged(project: Project, target: Path, parts: Mapping[str, Path]) -> Project:
    """A project in `target` under the recipe of `project`, with the artifacts of the folders in `parts`, by stage.

    Files are hard links where that can be, else copies. A folder that is there already is made anew.
    """
    shutil.rmtree(target, ignore_errors=True)
    made = Project(target, project.recipe, project.rehearsed, project.aside)
    made.save()
    for name, folder in parts.items():
        shutil.copytree(folder, target / stage(name).folder, copy_function=_link)
    return made


def finished_parts(place: Path, names: tuple[str, ...]) -> dict[str, Path]:
    """The folders of the artifacts of stages `names` that the project at `place` has."""
    folders = {name: place / stage(name).folder for name in names}
    return {name: folder for name, folder in folders.items() if (folder / MANIFEST).is_file()}


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
