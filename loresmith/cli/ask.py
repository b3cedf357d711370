"""`loresmith ask`."""

import sys
from pathlib import Path
from typing import Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.generator import generator_option
from loresmith.cli.place import PATH, show_json
from loresmith.errors import UserError
from loresmith.pipeline import open_project
from loresmith.records import Answer


@click.command("ask")
@click.argument("place", type=PATH)
@click.argument("question")
@generator_option
@click.option("--why", is_flag=True, help="Also list the passages that were read, with the ranks that brought them.")
@click.option("--only", multiple=True, help="Use documents like this alone: a pattern of paths such as 'physics/*'.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(place: Path, question: str, generator: Any, why: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Answer QUESTION from the documents of the project PLACE, with citations; `-` reads it from standard input."""
    project = open_project(place)
    asked = _read(question)
    prepare()
    from loresmith.retrieval.only import Only
    from loresmith.serve.expert import open_expert

    with open_expert(project, generator, Only(documents=only)) as expert:
        answer = expert.ask(asked)
    if as_json:
        show_json(answer.model_dump(mode="json"))
        return
    _show(answer)
    if why:
        _show_passages(answer)
    click.echo(f"Next: loresmith quiz {project.path}", err=True)


def _read(question: str) -> str:
    """The question, or standard input where it is `-`."""
    asked = sys.stdin.read().strip() if question == "-" else question.strip()
    if not asked:
        raise UserError("The question is empty.", next_step='Ask something: `loresmith ask PLACE "What is LoRA?"`.')
    return asked


def _show(answer: Answer) -> None:
    click.echo(answer.text)
    if answer.generator is not None and answer.citations:
        click.echo()
        for citation in answer.citations:
            quote = " ".join(citation.quote.split())
            click.echo(f"  [{citation.number}] {_place(citation.source, citation.page)}: “{quote}”")
    elif answer.generator is not None and not answer.refused:
        click.echo("\n  No passage supports this answer; do not rely on it.")
    elif answer.citations:  # the text is the quotes themselves: say only where they stand
        click.echo()
        for citation in answer.citations:
            click.echo(f"  [{citation.number}] {_place(citation.source, citation.page)}")


def _show_passages(answer: Answer) -> None:
    click.echo("\nRead for this, best first:" if answer.passages else "\nNo passage fits.")
    for number, passage in enumerate(answer.passages, 1):
        ranks = f"meaning {passage.dense_rank or '–'}, words {passage.lexical_rank or '–'}, score {passage.score:.4f}"
        measured = {"cosine": passage.cosine, "BM25": passage.bm25, "tokens": passage.late}
        values = "".join(f", {name} {value:.2f}" for name, value in measured.items() if value is not None)
        click.echo(f"  {number}. {_place(passage.source, passage.page)}  ({ranks}{values})")


def _place(source: str, page: int | None) -> str:
    return source if page is None else f"{source}, page {page}"
