"""`loresmith init`."""

from pathlib import Path

import click

from loresmith.errors import UserError
from loresmith.pipeline import Project
from loresmith.recipe import ModelConfig, Recipe, parse

NAMES = "lower-case letters, digits, dots, dashes"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--documents", "-d", multiple=True, required=True, type=click.Path(path_type=Path), help="What to read.")
@click.option("--model", "base", default="starter", show_default=True, help="Hub id, folder, GGUF or `starter`.")
@click.option("--force", is_flag=True, help="Replace a recipe that is there already.")
def command(folder: Path, documents: tuple[Path, ...], base: str, force: bool) -> None:
    """Write FOLDER/recipe.yaml for your documents."""
    if (folder / "recipe.yaml").exists() and not force:
        raise UserError(f"{folder / 'recipe.yaml'} is there already.", next_step="Edit it, or replace it with --force.")
    if missing := [str(path) for path in documents if not path.exists()]:
        raise UserError(f"There are no documents at {', '.join(missing)}.", next_step="Check --documents.")
    name = folder.resolve().name.lower().replace(" ", "-")
    given = {
        "name": name,
        "documents": tuple(str(path.resolve()) for path in documents),
        "model": ModelConfig(base=base),
    }
    recipe = parse(Recipe, given, where=f"{folder} (the folder's name becomes the recipe's: {NAMES})")
    Project(folder, recipe).save()
    click.echo(f"{folder / 'recipe.yaml'} is written; docs/reference/recipe.md lists every key.")
    click.echo(f"Next: loresmith run {folder}")
