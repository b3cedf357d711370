"""`loresmith ask`."""

import sys
from pathlib import Path

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.pipeline import open_project
from loresmith.records import Answer


@click.command("ask")
@click.argument("place", type=PATH)
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
@click.option(
    "--with",
    "generator",
    type=click.Choice(["auto", "gguf", "adapter", "none"]),
    default="auto",
    show_default=True,
    help="Who writes: the exported file, the adapter, or nobody (the best passages are the answer).",
)
def command(place: Path, question: str, generator: str, as_json: bool) -> None:
    """Answer QUESTION from the documents of the project PLACE, with citations; `-` reads it from standard input."""
    from loresmith.serve.expert import open_expert

    project = open_project(place)
    prepare(torch_works=generator == "adapter")
    with open_expert(project, generator=generator) as expert:
        answer = expert.ask(_read(question))
    if as_json:
        show_json(answer.model_dump(mode="json"))
        return
    _show(answer)
    click.echo(f"Next: loresmith quiz {project.path}", err=True)


def _read(question: str) -> str:
    """The question, or standard input where it is `-`."""
    return sys.stdin.read().strip() if question == "-" else question


def _show(answer: Answer) -> None:
    click.echo(answer.text)
    for citation in answer.citations:
        page = f", page {citation.page}" if citation.page else ""
        click.echo(f"  [{citation.number}] {citation.source}{page}: “{citation.quote}”")
