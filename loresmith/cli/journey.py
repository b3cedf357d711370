"""A whole run as people see it: a line per stage while it goes, then the results and the next command."""

from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.parcels import show_pushed
from loresmith.cli.place import show_json
from loresmith.cli.render import follow
from loresmith.cli.results import results_of, show_results
from loresmith.cli.summary import explain_state, line_of, row_of
from loresmith.errors import LoresmithError
from loresmith.pipeline import Project, Step, run

if TYPE_CHECKING:
    from loresmith.hub.push import Pushed


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
    pushed, refusal = _sent(project, quiet=as_json) if until is None else (None, None)
    if as_json:
        result: dict[str, Any] = {"project": str(project.path), "stages": [row_of(step) for step in steps]}
        told = {"push": pushed.model_dump(mode="json")} if pushed else {}
        told |= {"push": {"refused": refusal.problem, "next_step": refusal.next_step}} if refusal else {}
        show_json(result | {"results": results_of(steps)} | told)
    else:
        show_results(project, steps)
        if pushed:
            show_pushed(pushed)
    if refusal:
        raise refusal


def require_ready(project: Project) -> None:
    """Nothing, when `export.push_to_hub` can be a repository and there is a token: asked before hours of work.

    Raises:
        UserError: it cannot, or there is none.
    """
    from loresmith.hub.push import require_token
    from loresmith.publish.sending import result_of

    if name := project.recipe.export.push_to_hub:
        result_of(name).destination.require_sound()
        require_token()


def _sent(project: Project, *, quiet: bool) -> "tuple[Pushed | None, LoresmithError | None]":
    """What `export.push_to_hub` asks for is sent, or why not; the results of the run are shown all the same."""
    name = project.recipe.export.push_to_hub
    if not name:
        return None, None
    from loresmith.publish.sending import result_of, send

    try:
        return follow(send(project, result_of(name)), quiet=quiet), None
    except LoresmithError as fault:
        return None, fault
