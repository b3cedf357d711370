"""A project folder: the recipe in force, the lock, and where each stage's artifact lies."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith import recipe as recipes
from loresmith.artifact import machine_error, write_whole
from loresmith.errors import FolderInUse, RecipeError, UserError
from loresmith.recipe import Recipe

RECIPE = "recipe.yaml"
FACTS = "project.json"
LOCK = ".lock"


@dataclass(frozen=True)
class Project:
    """A recipe bound to a folder."""

    path: Path
    recipe: Recipe
    rehearsed: bool = False
    aside: tuple[str, ...] = ()
    """What the recipe asked for and a rehearsal left out."""

    def save(self) -> None:
        """Write the recipe in force and the project's facts, so that later verbs need only the folder."""
        import yaml

        text = yaml.safe_dump(self.recipe.model_dump(mode="json", exclude_defaults=True), sort_keys=False, width=110)
        facts: dict[str, Any] = {"rehearsed": self.rehearsed, "aside": list(self.aside)}
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / RECIPE, text)
            write_whole(self.path / FACTS, json.dumps(facts, indent=1))
        except OSError as fault:
            raise machine_error(fault, self.path) from fault

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the lock goes with the process, however it ends.

        Raises:
            FolderInUse: another process holds it; names its number.
        """
        from filelock import FileLock, Timeout

        holder = self.path / ".lock.holder"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path / LOCK, timeout=0):
                holder.write_text(f"process {os.getpid()}", encoding="utf-8")
                yield
        except Timeout as fault:
            named = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
            raise FolderInUse(self.path, named) from fault
        except OSError as fault:
            raise machine_error(fault, self.path) from fault


def open_project(
    place: Path, *, project: Path | None = None, rehearse: bool = False, only_look: bool = False
) -> Project:
    """The project in the folder `place`, or the one that the recipe file `place` describes.

    A recipe's project lies in `project`, or in `runs/<name>` (`runs/<name>-rehearsal`) of the current folder. To
    `only_look`, the recipe may ask for what cannot be done.

    Raises:
        RecipeError: the recipe has faults.
        NotBuiltYet: the recipe, run for real, asks for what this version cannot do.
        UserError: `place` is neither.
    """
    if place.is_dir():
        return _reopen(place)
    if place.suffix not in (".yaml", ".yml"):
        raise UserError(
            f"{place} is neither a project folder nor a recipe file (.yaml).",
            next_step="Start one with `loresmith init`, or try `loresmith demo`.",
        )
    asked = recipes.load(place)
    if rehearse:
        small, aside = recipes.rehearsed(asked)
        return Project(project or Path("runs") / f"{asked.name}-rehearsal", small, True, tuple(aside))
    if not only_look:
        asked.require_built()
    return Project(project or Path("runs") / asked.name, asked)


def _reopen(folder: Path) -> Project:
    if not (folder / RECIPE).is_file():
        raise UserError(
            f"{folder} holds no {RECIPE}, so it is no project.",
            next_step=f"Make one with `loresmith init {folder} --documents FOLDER`, or name a recipe file.",
        )
    recipe = recipes.load(folder / RECIPE)
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8")) if (folder / FACTS).is_file() else {}
    except ValueError as fault:
        raise RecipeError(f"{folder / FACTS} is damaged.", next_step="Delete it and run again.") from fault
    return Project(folder, recipe, bool(facts.get("rehearsed", False)), tuple(facts.get("aside", ())))
