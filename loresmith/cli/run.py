"""`loresmith run`."""

from typing import Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.further import reaches_hub
from loresmith.cli.journey import require_ready, travel
from loresmith.cli.place import chosen_project, project_options
from loresmith.cli.states import show_states
from loresmith.models.remote import is_remote
from loresmith.pipeline import STAGES, journey


@click.command("run")
@project_options
@click.option("--until", type=click.Choice([stage.name for stage in STAGES]), help="Stop after this stage.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and why.")
def command(until: str | None, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Run every stage that is not up to date.

    PLACE is a recipe file or a project folder. A killed run goes on where it stopped; running again does no work.
    With export.push_to_hub the GGUF file goes to the Hub at the end, if the exams bear it.
    """
    project = chosen_project(given)
    sends = bool(project.recipe.export.push_to_hub) and until is None
    needs_hub = sends or is_remote(project.recipe.model.base) or reaches_hub(project)
    prepare(needs_hub=not dry_run and needs_hub)
    if dry_run:
        show_states(project, tuple(stage.name for stage in journey(project)), as_json)
        if not as_json:
            click.echo(f"Next: loresmith run {project.path}")
        return
    if sends:
        require_ready(project)
    travel(project, until=until, as_json=as_json)
