"""`loresmith review`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loresmith.cli.environment import prepare
from loresmith.cli.lone_page import serve_page
from loresmith.cli.options import overridden
from loresmith.cli.place import PATH, show_json
from loresmith.pipeline import Project, open_project

if TYPE_CHECKING:
    from loresmith.review.session import Count


@click.command("review")
@click.argument("place", type=PATH)
@click.option("--host", help="[default: serve.host, 127.0.0.1]")
@click.option("--port", type=int, help="0 takes a free port. [default: serve.port, 7860]")
@click.option(
    "--api-key", envvar="LORESMITH_API_KEY", help="Who enters must know it, to sign in. [env: LORESMITH_API_KEY]"
)
@click.option("--status", is_flag=True, help="Print how many rows have which verdict, and open no page.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON on stdout.")
def command(place: Path, host: str | None, port: int | None, api_key: str | None, status: bool, as_json: bool) -> None:
    """Open the page on which the questions of the project PLACE are accepted, edited or rejected, until Ctrl-C.

    It needs the questions, and no model. What is decided stands in review.jsonl; `loresmith generate` applies it.
    """
    project = open_project(place)
    prepare(torch_works=False)
    from loresmith.review.session import Review

    count = Review(project.path).count()
    if as_json:
        show_json({"project": str(project.path), **asdict(count), "decided": count.decided})
    elif status:
        _show(project, count)
    else:
        from loresmith.serve.review.site import create_review_site

        config = overridden(project.recipe, "serve", {"host": host, "port": port}).serve
        said = ("Review", "decision")
        serve_page(create_review_site, project, (config.host, config.port), api_key, "review", said=said)
        _show(project, Review(project.path).count())


def _show(project: Project, count: "Count") -> None:
    click.echo(
        f"{count.decided} of {count.questions} questions decided: {count.accept} accepted, {count.edit} edited, "
        f"{count.reject} rejected"
    )
    if count.without_row:
        click.echo(f"Decisions about questions that are not proposed any more: {count.without_row}")
    if count.torn_lines:
        click.echo(f"Half-written lines of review.jsonl, passed over: {count.torn_lines}")
    following = f"loresmith {'split' if count.is_applied else 'generate'} {project.path}"
    click.echo(f"Next: {following}")
