"""`loresmith failures`: where the model fails, and the work that follows from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.pipeline import Project, open_project

if TYPE_CHECKING:
    from loresmith.failures.findings import Findings
    from loresmith.practice.rows import Practice


@click.command("failures")
@click.argument("place", type=PATH)
@click.option("--arm", help="Arm to look at [default: the verdict's, or the one with most of adapter and sources].")
@click.option("--review", "for_review", is_flag=True, help="Mark the failed questions for `loresmith review`.")
@click.option("--practice", type=PATH, help="Write training rows about failed trained facts into this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout, every wrong answer in it.")
def command(place: Path, arm: str | None, for_review: bool, practice: Path | None, as_json: bool) -> None:
    """Show where the model of the project PLACE fails: which documents, sections and kinds are weak, and why.

    A group is called weak only when that is beyond chance after all the looks that were taken. Rows to practise never
    hold what an exam asks, and none is about a document that is held out.
    """
    project = open_project(place)
    prepare()
    from loresmith.cli.disliked import disliked, lines_of
    from loresmith.failures.findings import chosen_arm, findings
    from loresmith.failures.reading import FOLDERS, decision_of, project_logs
    from loresmith.retrieval.minilm import MiniLmEmbedder

    logs = project_logs(project.path)
    chosen = arm or chosen_arm(logs.arms(), decision_of(project.path / FOLDERS["evaluate"]))
    found = findings(logs, chosen, MiniLmEmbedder().encode)
    marked = _mark(project, found) if for_review else None
    made = _practised(project, found, practice) if practice is not None else None
    said = disliked(project.path)
    if as_json:
        shown: dict[str, Any] = {"project": str(project.path), **found.model_dump(mode="json")}
        shown["disliked"] = [remark.model_dump(mode="json") for remark in said]
        if marked is not None:
            shown["review"] = str(marked)
        if made is not None:
            shown["practice"] = _account(made) | {"file": str(practice)}
        show_json(shown)
        return
    for line in lines_of(said):
        click.echo(line)
    _show(project, found, marked, made, practice)


def _mark(project: Project, found: "Findings") -> Path:
    from loresmith.artifact import machine_error
    from loresmith.failures.failed import FAILURES, write_failures

    path = project.path / FAILURES
    try:
        write_failures(path, found.failures)
    except OSError as fault:
        raise machine_error(fault, path) from fault
    return path


def _practised(project: Project, found: "Findings", path: Path) -> "Practice":
    from loresmith.practice.project import trained_in, write_practice
    from loresmith.practice.rows import practice

    trained, exams = trained_in(project.path, project.recipe)
    made = practice(found.failures, trained, exams)
    write_practice(path, made)
    return made


def _account(made: "Practice") -> dict[str, Any]:
    return {
        "rows": len(made.rows),
        "new_wordings": made.new,
        "facts": made.facts,
        "refused_facts": dict(made.refused),
        "refused_rows": dict(made.refused_rows),
    }


def _show(
    project: Project, found: "Findings", marked: Path | None, made: "Practice | None", practice: Path | None
) -> None:
    from loresmith.failures.words import lines

    for line in lines(found):
        click.echo(line)
    if marked is not None:
        click.echo(f"\n{len(found.failures)} failed questions are marked in {marked}.")
        click.echo(
            "Reject a question for being wrong, never for being hard: an exam without its failures shows nothing."
        )
    if made is not None:
        click.echo(f"\n{len(made.rows)} rows about {made.facts} failed facts in {practice}, {made.new} newly worded.")
        for what, refused in (("facts", made.refused), ("wordings", made.refused_rows)):
            for reason, number in refused.most_common():
                click.echo(f"  not practised, {number} {what}: {reason}")
        click.echo("The recall exam chose these facts, so it flatters the next model on them; transfer does not.")
        click.echo(f"Next: loresmith train {project.path} --mix {practice}=0.25")
    else:
        click.echo(f"Next: loresmith failures {project.path} --review, or --practice FILE")
