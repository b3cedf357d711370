"""The verb of one stage: flags from its section, the work, one line of result and the next command."""

from collections.abc import Callable, Collection
from typing import Any

import click

from loresmith.artifact import Artifact
from loresmith.cli.environment import prepare
from loresmith.cli.further import BENCHMARKS, reaches_hub
from loresmith.cli.options import options_from, overridden
from loresmith.cli.place import chosen_project, project_options, show_json, with_recipe
from loresmith.cli.render import follow
from loresmith.cli.states import show_states
from loresmith.cli.summary import explain_state, line_of, row_of
from loresmith.models.remote import is_remote
from loresmith.pipeline import Project, Step, run_one
from loresmith.recipe import Section


def stage_command(
    verb: str,
    section: type[Section],
    *,
    about: str,
    next_verb: str,
    stages: Callable[[Project], tuple[str, ...]] | None = None,
    details: Callable[[Artifact], list[str]] | None = None,
) -> click.Command:
    """The command that makes the artifacts of `stages` (by default the one named like the verb) from fresh parents.

    Flags that are given are written into the project's recipe, which stays the one source of its settings.
    Lines from `details` follow the line of each stage.
    """

    def work(dry_run: bool, as_json: bool, **given: Any) -> None:
        project = chosen_project(given)
        project = with_recipe(project, overridden(project.recipe, verb, given))
        names = stages(project) if stages else (verb,)
        prepare(needs_hub=not dry_run and _needs_hub(project, names))
        if dry_run:
            show_states(project, names, as_json)
            return
        with project.locked():
            project.save()
            steps = [follow(run_one(project, name, report=_announce(as_json)), quiet=as_json) for name in names]
        if as_json:
            show_json({"project": str(project.path), "stages": [row_of(step) for step in steps]})
            return
        for step in steps:
            click.echo(line_of(step))
            for line in details(step.artifact) if details and step.artifact else ():
                click.echo(line)
        click.echo(f"Next: loresmith {next_verb} {project.path}")

    decorated = options_from(section)(work)
    decorated = click.option("--dry-run", is_flag=True, help="Say what would be done and why.")(decorated)
    return click.command(verb, help=about)(project_options(decorated))


def _needs_hub(project: Project, names: Collection[str]) -> bool:
    return is_remote(project.recipe.model.base) or (BENCHMARKS in names and reaches_hub(project))


def _announce(as_json: bool) -> Callable[[Step], None]:
    def say(step: Step) -> None:
        if not as_json and step.artifact is None:
            click.echo(explain_state(step), err=True)

    return say
