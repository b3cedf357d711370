"""A whole run as people see it: a line per stage while it goes, then the results and the next command."""

from typing import Any

import click

from loresmith.cli.place import show_json
from loresmith.cli.render import follow
from loresmith.cli.results import results_of, show_results
from loresmith.cli.summary import explain_state, line_of, row_of
from loresmith.pipeline import Project, Step, run


def travel(project: Project, *, until: str | None, as_json: bool) -> None:
    """Run what is not fresh under the project's lock, and show what came out."""

    def say(step: Step) -> None:
        if as_json:
            return
        if step.artifact is None and step.state.kind in ("stale", "corrupt"):
            click.echo(explain_state(step), err=True)
        elif step.artifact is not None:
            click.echo(line_of(step), err=True)

    if not as_json:
        for line in project.aside:
            click.echo(f"rehearsal goes without {line}", err=True)
    with project.locked():
        project.save()
        steps = follow(run(project, until=until, report=say), quiet=as_json)
    if as_json:
        result: dict[str, Any] = {"project": str(project.path), "stages": [row_of(step) for step in steps]}
        show_json(result | {"results": results_of(steps)})
        return
    show_results(project, steps)
