"""`loresmith demo`."""

from pathlib import Path

import click

from loresmith.cli.environment import prepare
from loresmith.cli.journey import travel
from loresmith.errors import UserError
from loresmith.pipeline import Project
from loresmith.recipe import Recipe, rehearsed


@click.command("demo")
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs/demo"),
    show_default=True,
    help="Where the result goes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(project: Path, as_json: bool) -> None:
    """Run every stage on the bundled field guide with the bundled starter model: real work, small sizes, no network."""
    prepare()
    recipe = Recipe(
        name="demo",
        about="The bundled field guide on adapting and examining small language models.",
        documents=(str(example_documents()),),
    )
    small, _ = rehearsed(recipe)
    travel(Project(project, small, rehearsed=True), until=None, as_json=as_json)


def example_documents() -> Path:
    """The field guide: inside the installed package, or in the checkout that the package runs from."""
    package = Path(__file__).parent.parent
    for folder in (package / "example", package.parent / "examples" / "field-guide" / "documents"):
        if folder.is_dir():
            return folder
    raise UserError(
        "The bundled field guide is missing from this installation.",
        next_step="Install Loresmith again, or use your own documents: `loresmith init my-expert --documents FOLDER`.",
    )
