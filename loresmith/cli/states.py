"""What `--dry-run` shows: the state of stages, without any work."""

import click

from loresmith.cli.place import show_json
from loresmith.cli.summary import explain_state, row_of
from loresmith.pipeline import Project, survey


def show_states(project: Project, names: tuple[str, ...], as_json: bool) -> None:
    """Print the state of the stages `names`, and why it is so."""
    steps = [step for step in survey(project) if step.stage.name in names]
    if as_json:
        show_json({"project": str(project.path), "stages": [row_of(step) for step in steps]})
        return
    for step in steps:
        click.echo(explain_state(step))
