"""`loresmith quiz`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.pipeline import open_project

if TYPE_CHECKING:
    from loresmith.quiz.session import Feedback, Result, Session
    from loresmith.records import Question

LEAVE = ("q", "quit", "exit")


@click.command("quiz")
@click.argument("place", type=PATH)
@click.option("--questions", "-n", type=click.IntRange(min=1), help="How many [default: serve.quiz_questions, 10].")
@click.option("--about", multiple=True, help="Only this document, as `--json` names it; may be repeated.")
@click.option("--seed", type=click.IntRange(min=0), help="The same seed asks the same questions in the same order.")
@click.option("--json", "as_json", is_flag=True, help="Print the questions with answers as JSON, and ask nothing.")
def command(place: Path, questions: int | None, about: tuple[str, ...], seed: int | None, as_json: bool) -> None:
    """Take a quiz on the documents of the project PLACE; answer with a letter, leave with q.

    Answers are read line by line from standard input, so that a file can answer as well.
    """
    project = open_project(place)
    prepare(torch_works=False)
    from loresmith.quiz.start import open_quiz

    count = questions or project.recipe.serve.quiz_questions
    drawn = _fresh_seed() if seed is None else seed
    session = open_quiz(project.path, count, seed=drawn, documents=about)
    if as_json:
        show_json({"seed": drawn, "questions": [_exported(question) for question in session.questions]})
        return
    if len(session.questions) < count:
        click.echo(f"The documents give {len(session.questions)} questions.", err=True)
    result = _taken(session).result()
    _show_result(result)
    click.echo(f"Next: loresmith quiz {project.path}", err=True)


def _taken(session: "Session") -> "Session":
    """The session after the answers on standard input, up to its end or the end of the input."""
    while (question := session.current) is not None:
        _show_question(question, len(session.replies) + 1, len(session.questions))
        option = _answer(question)
        if option is None:
            break
        session, said = session.answered(option)
        _show_feedback(said)
    return session


def _answer(question: "Question") -> str | None:
    """The option that a line of standard input chooses; `None` when the reader leaves."""
    from loresmith.quiz.session import lettered

    while True:
        click.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() in LEAVE:
            return None
        try:
            return lettered(question, line)
        except UserError as wrong:
            click.echo(f"{wrong.problem} {wrong.next_step} Leave with q.", err=True)


def _show_question(question: "Question", number: int, total: int) -> None:
    click.echo(f"\n{number}/{total}  {question.question}")
    for letter, option in zip(LETTERS, question.options, strict=False):
        click.echo(f"  {letter}. {option}")


def _show_feedback(said: "Feedback") -> None:
    if said.correct:
        click.secho("Right.", fg="green")
        return
    click.secho(f"Not quite: {said.answer}.", fg="red")
    place = said.source if said.page is None else f"{said.source}, page {said.page}"
    quotes = (f"  “{' '.join(quote.split())}”\n" for quote in (said.quote, *said.also))
    click.echo(f"{''.join(quotes)}  {place}")


def _show_result(result: "Result") -> None:
    if not result.asked:
        raise UserError("No question was answered.", next_step="Answer with a letter, or export them with --json.")
    left = f" ({result.total - result.asked} left out)" if result.asked < result.total else ""
    click.echo(f"\n{result.right} of {result.asked} right{left}.")
    if result.weak:
        click.echo(f"Worth another look: {', '.join(result.weak)}")


def _exported(question: "Question") -> dict[str, Any]:
    row = question.model_dump(mode="json")
    return {
        key: row[key] for key in ("id", "question", "options", "answer", "source", "page", "quote", "document", "fact")
    }


def _fresh_seed() -> int:
    import secrets

    return secrets.randbelow(1 << 31)
