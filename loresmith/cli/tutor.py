"""`loresmith tutor`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.generator import generator_option
from loresmith.cli.place import PATH, show_json
from loresmith.pipeline import open_project

if TYPE_CHECKING:
    from loresmith.records import Answer, Citation
    from loresmith.tutor.state import Move, State

LEAVE = ("q", "quit", "exit", "bye")


@click.command("tutor")
@click.argument("place", type=PATH)
@click.option(
    "--mode",
    type=click.Choice(["explain", "socratic", "quiz-me"]),
    default="explain",
    show_default=True,
    help="Explain and ask back, ask before explaining, or only ask.",
)
@click.option(
    "--level",
    type=click.Choice(["beginner", "advanced"]),
    default="beginner",
    show_default=True,
    help="A beginner chooses among options; the advanced answer in their own words.",
)
@generator_option
@click.option("--json", "as_json", is_flag=True, help="Print each of the tutor's moves as JSON.")
def command(place: Path, mode: Any, level: Any, generator: Any, as_json: bool) -> None:
    """Be taught from the documents of the project PLACE: name a topic, answer, ask for a hint; leave with q.

    What you say is read line by line from standard input.
    """
    project = open_project(place)
    prepare()
    from loresmith.quiz.bank import Bank
    from loresmith.serve.expert import open_expert
    from loresmith.tutor.state import Manner, State
    from loresmith.tutor.tutor import Tutor

    manner, state = Manner(mode, level), State()
    with open_expert(project, generator) as expert:
        tutor = Tutor(Bank.open(project.path), expert.search)
        click.echo("What do you want to learn about?", err=True)
        while (said := _said()) is not None:
            state, move = tutor.step(state, said, manner)
            explained = expert.ask(move.explain) if move.explain is not None else None
            if as_json:
                show_json(_row(state, move, explained))
            else:
                _show(move, explained)
    click.echo(f"Next: loresmith quiz {project.path}", err=True)


def _said() -> str | None:
    """The next line that is not empty; `None` when the learner leaves."""
    while True:
        click.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() in LEAVE:
            return None
        if line.strip():
            return line.strip()


def _show(move: "Move", explained: "Answer | None") -> None:
    if explained is not None:
        click.echo(explained.text)
        _show_sources(explained.citations)
        click.echo()
    click.echo(move.text)
    _show_sources(move.citations)


def _show_sources(citations: "tuple[Citation, ...]") -> None:
    for one in citations:
        place = one.source if one.page is None else f"{one.source}, page {one.page}"
        click.echo(f"  [{one.number}] {place}: “{' '.join(one.quote.split())}”")


def _row(state: "State", move: "Move", explained: "Answer | None") -> dict[str, Any]:
    cited = (*(explained.citations if explained else ()), *move.citations)
    return {
        "explanation": explained.text if explained else None,
        "text": move.text,
        "citations": [one.model_dump(mode="json") for one in cited],
        "topic": state.topic,
        "is_asking": state.pending is not None,
        "correct": move.correct,
        "right": state.right,
        "graded": state.graded,
    }
