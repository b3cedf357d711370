"""`loresmith quiz`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.generator import generator_option
from loresmith.cli.place import PATH, show_json
from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.pipeline import open_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from loresmith.pipeline import Project
    from loresmith.quiz.book import Book
    from loresmith.quiz.demand import Drawn
    from loresmith.quiz.session import Feedback, Reply, Result, Session
    from loresmith.records import Question

LEAVE = ("q", "quit", "exit")


@click.command("quiz")
@click.argument("place", type=PATH)
@click.option("--questions", "-n", type=click.IntRange(min=1), help="How many [default: serve.quiz_questions, 10].")
@click.option("--about", multiple=True, help="Only this document, as `--json` names it; may be repeated.")
@click.option("--section", multiple=True, help="Only what stands below this heading; may be repeated.")
@click.option("--weak", is_flag=True, help="Only documents of which less than 70% went well so far.")
@click.option("--due", is_flag=True, help="Only what is to be repeated today.")
@click.option("--write", is_flag=True, help="Have the model write what the bank of questions lacks; each is verified.")
@generator_option
@click.option("--forget", is_flag=True, help="Keep no record of the answers.")
@click.option("--export", "shape", type=click.Choice(["csv", "anki", "gift"]), help="Print the questions as a file.")
@click.option("--seed", type=click.IntRange(min=0), help="The same seed asks the same questions in the same order.")
@click.option("--json", "as_json", is_flag=True, help="Print the questions with answers as JSON, and ask nothing.")
def command(place: Path, **given: Any) -> None:
    """Take a quiz on the documents of the project PLACE; answer with a letter, leave with q.

    Answers are read line by line from standard input, so that a file can answer as well. They are kept in the project,
    in quiz/replies.jsonl, for --weak and --due.
    """
    project = open_project(place)
    prepare(torch_works=bool(given["write"]))
    from loresmith.quiz.book import Book
    from loresmith.quiz.export import exported

    book = Book(project.path)
    count = given["questions"] or project.recipe.serve.quiz_questions
    seed = _fresh_seed() if given["seed"] is None else given["seed"]
    found = _drawn(project, book, count, seed, given)
    session = found.session
    if given["as_json"]:
        show_json({"seed": seed, "questions": [_exported(question) for question in session.questions]})
        return
    if given["shape"]:
        click.echo(exported(session.questions, given["shape"]), nl=False)
        return
    if len(session.questions) < count:
        click.echo(found.account() or f"The documents give {len(session.questions)} questions.", err=True)
    name = f"terminal-{_fresh_seed()}"
    taken = _taken(session, None if given["forget"] else lambda reply: book.add(name, reply))
    _show_result(taken.result())
    click.echo(f"Next: loresmith quiz {project.path} --weak", err=True)


def _drawn(project: "Project", book: "Book", count: int, seed: int, given: dict[str, Any]) -> "Drawn":
    """The quiz that the flags wish for."""
    from loresmith.quiz.bank import Bank
    from loresmith.quiz.book import weak_sources
    from loresmith.quiz.demand import Wish, drawn
    from loresmith.quiz.repetition import due

    documents = given["about"]
    facts: tuple[str, ...] = ()
    if given["weak"]:
        documents = [source for source in weak_sources(book.entries()) if source in (documents or (source,))]
        if not documents:
            raise UserError("Nothing about that went badly so far.", next_step="Take a quiz without --weak.")
    if given["due"]:
        facts = tuple(due(book.entries(), datetime.now(UTC)))
        if not facts:
            raise UserError("Nothing is to be repeated today.", next_step="Take a quiz without --due.")
    wish = Wish(count, tuple(documents), given["section"], facts)
    bank = Bank.open(project.path)
    if not given["write"]:
        return drawn(bank, wish, seed)
    from loresmith.serve.expert import open_expert

    with open_expert(project, given["generator"]) as expert:
        author = expert.author()
        if author is None:
            raise UserError("No model is at hand that could write.", next_step="Run `loresmith train` or `export`.")
        return drawn(bank, wish, seed, author)


def _taken(session: "Session", keep: "Callable[[Reply], object] | None") -> "Session":
    """The session after the answers on standard input, up to its end or the end of the input; `keep` gets each."""
    while (question := session.current) is not None:
        _show_question(question, len(session.replies) + 1, len(session.questions))
        option = _answer(question)
        if option is None:
            break
        session, said = session.answered(option)
        if keep is not None:
            keep(session.replies[-1])
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
    for mistake in result.mistakes:
        click.echo(f"  ✗ {mistake.question}\n    {mistake.answer} (you said {mistake.given})")
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
