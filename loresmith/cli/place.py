"""Which project a verb works on: a folder, or a recipe that says where its folder lies."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from loresmith.errors import UserError
from loresmith.pipeline import Project, open_project
from loresmith.recipe import Recipe, with_paths

Function = TypeVar("Function", bound=Callable[..., Any])


PATH = click.Path(path_type=Path)


def project_options(function: Function) -> Function:
    """A decorator that adds PLACE, --config, --project, --documents, --rehearse and --json."""
    for add in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."),
        click.option("--rehearse", is_flag=True, help="With a recipe: the bundled starter and small sizes."),
        click.option(
            "--documents", "-d", multiple=True, type=PATH, help="Read these instead of the recipe's documents."
        ),
        click.option("--project", type=PATH, help="Project folder for a recipe [default: runs/NAME]."),
        click.option("--config", "-c", type=PATH, help="Recipe file; the same as giving it as PLACE."),
        click.argument("place", required=False, type=PATH),
    ):
        function = add(function)
    return function


def chosen_project(given: dict[str, Any], *, only_look: bool = False) -> Project:
    """The project that the flags name; takes them out of `given`. To `only_look`, its recipe need not be built."""
    place, config = given.pop("place"), given.pop("config")
    folder, documents, rehearse = given.pop("project"), given.pop("documents"), given.pop("rehearse")
    if place is not None and place.suffix in (".yaml", ".yml") and not place.is_dir():
        if config is not None:
            raise UserError(f"Two recipes are named: {place} and {config}.", next_step="Give one.")
        config = place
    elif place is not None:
        if folder is not None and folder != place:
            raise UserError(f"Two project folders are named: {place} and {folder}.", next_step="Give one.")
        folder = place
    if config is None and rehearse:
        raise UserError(
            "--rehearse needs a recipe file.", next_step="Give the recipe: `loresmith run RECIPE --rehearse`."
        )
    if config is not None:
        found = open_project(config, project=folder, rehearse=rehearse, only_look=only_look)
    else:
        found = open_project(folder or Path())
    if documents:
        found = with_recipe(found, found.recipe.model_copy(update={"documents": tuple(map(str, documents))}))
    return with_recipe(found, found.recipe)


def with_recipe(project: Project, recipe: Recipe) -> Project:
    """`project` under another recipe, of absolute paths: the one kept must not depend on the current folder."""
    absolute = with_paths(recipe, lambda entry: str(Path(entry).expanduser().resolve()))
    return Project(project.path, absolute, project.rehearsed, project.aside)


def show_json(result: Any) -> None:
    """Print `result` as one JSON document on stdout."""
    click.echo(json.dumps(result, indent=1, ensure_ascii=False))
