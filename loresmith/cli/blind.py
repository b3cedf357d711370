"""`loresmith blind`: two arms' answers side by side, judged without knowing which is which."""

import getpass
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.characters import one_line
from loresmith.cli.environment import prepare
from loresmith.cli.lone_page import serve_page
from loresmith.cli.options import overridden
from loresmith.cli.place import PATH, show_json
from loresmith.errors import UserError
from loresmith.pipeline import Project, open_project

if TYPE_CHECKING:
    from loresmith.blind.session import Choice, Session, Shown

LONGEST_NAME = 80
EXAMS = ("recall", "transfer", "unanswerable")
LEAVE = ("q", "quit", "exit")
KEYS: "dict[str, Choice]" = {"1": "left", "2": "right", "t": "tie", "b": "bad"}


@click.command("blind")
@click.argument("place", type=PATH)
@click.option("--arms", nargs=2, default=("base", "lora+rag"), show_default=True, help="The two arms.")
@click.option("--against", type=PATH, help="Take the second arm from this other project, examined on the same split.")
@click.option("--questions", "-n", type=click.IntRange(min=1), default=50, show_default=True, help="Most pairs.")
@click.option("--exam", multiple=True, type=click.Choice(EXAMS), help="Only this exam; may be repeated.")
@click.option("--seed", type=click.IntRange(min=0), default=17, show_default=True, help="Draws pairs, order and sides.")
@click.option("--name", help="Of the contest below blind/ [default: made from the arms].")
@click.option("--rater", help="Who judges [default: the account's name].")
@click.option("--page", is_flag=True, help="Judge on a page of a local server, until Ctrl-C.")
@click.option("--host", help="[default: serve.host, 127.0.0.1]")
@click.option("--port", type=int, help="0 takes a free port. [default: serve.port, 7860]")
@click.option(
    "--api-key", envvar="LORESMITH_API_KEY", help="Who enters the page must know it. [env: LORESMITH_API_KEY]"
)
@click.option("--results", is_flag=True, help="Say who won, once everybody who began has judged every pair.")
@click.option("--anyway", is_flag=True, help="With --results: also before that; the result says so.")
@click.option("--json", "as_json", is_flag=True, help="With --results: as JSON on stdout; else how far it is.")
def command(place: Path, as_json: bool, **given: Any) -> None:
    """Judge two arms' answers to the same exam questions of the project PLACE, not knowing which is which.

    1 and 2 choose an answer, t is a tie, b says both are bad, s shows the source, u goes back, q leaves; the same
    command goes on. Questions that both answered in the same words are not shown.
    """
    project = open_project(place)
    prepare(torch_works=False)
    session = _opened(project, given)
    if given["results"]:
        _show_results(session, anyway=given["anyway"], as_json=as_json)
    elif as_json:
        show_json(_progress(session))
    elif given["page"]:
        recipe = overridden(project.recipe, "serve", {"host": given["host"], "port": given["port"]})
        _serve(project, session, (recipe.serve.host, recipe.serve.port), given["api_key"])
    else:
        _judge(project, session, given["rater"] or _account())


def _opened(project: Project, given: dict[str, Any]) -> "Session":
    """The contest that the flags name; drawn now where it does not lie there yet."""
    from loresmith.blind.contest import PAIRS, drawn, folder_of, save, sitter
    from loresmith.blind.session import Session

    first, second = given["arms"]
    other: Path | None = given["against"]
    named = [first, second]
    if other is not None:
        named = [f"{first} of {project.path.resolve().name}", f"{second} of {other.resolve().name}"]
    name = given["name"] or re.sub(r"[^A-Za-z0-9_.-]+", "-", "-vs-".join(named))[:LONGEST_NAME]
    folder = folder_of(project.path, name)
    if not (folder / PAIRS).is_file():
        if given["results"]:
            raise UserError(
                f"There is no contest {name!r} in {project.path}.", next_step="Judge first, without --results."
            )
        sides = sitter(project.path, first, named[0]), sitter(other or project.path, second, named[1])
        save(folder, drawn(name, *sides, given["seed"], given["questions"], given["exam"]))
    session = Session(folder)
    if [session.contest.a, session.contest.b] != named and not given["name"]:
        raise UserError(f"The contest {name!r} is of other arms.", next_step="Give this one another --name.")
    return session


def _account() -> str:
    """The name of who is logged in; some containers know none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "rater"


def _judge(project: Project, session: "Session", rater: str) -> None:
    """Ask on standard input until all is judged, the reader leaves, or the input ends."""
    from loresmith.blind.session import named

    rater = named(rater)
    shown = session.next_for(rater)
    while shown is not None:
        _show(shown)
        line = _line()
        if line is None:
            break
        if line in KEYS:
            session.vote(shown.pair.key, rater, KEYS[line])
            shown = session.next_for(rater)
        elif line == "u":
            shown = session.last_of(rater) or shown
        elif line == "s":
            pair = shown.pair
            click.echo(f"  right: {one_line(pair.answer)}\n  {one_line(pair.source)}: “{one_line(pair.quote)}”")
        else:
            click.echo("1, 2, t (tie), b (both bad), s (source), u (back) or q (leave).", err=True)
    left = session.left_over().get(rater, len(session.contest.pairs))
    told = f"{left} pairs are left; the same command goes on." if left else "All pairs are judged."
    click.echo(f"\n{told}")
    ending = f" --name {session.contest.name}{'' if left else ' --results'}"
    click.echo(f"Next: loresmith blind {project.path}{ending}", err=True)


def _show(shown: "Shown") -> None:
    click.echo(f"\n{shown.number}/{shown.total}  {one_line(shown.pair.question)}")
    click.echo(f"  1. {one_line(shown.left) or '(nothing)'}\n  2. {one_line(shown.right) or '(nothing)'}")


def _line() -> str | None:
    click.echo("> ", nl=False, err=True)
    line = sys.stdin.readline()
    return None if not line or line.strip().lower() in LEAVE else line.strip().lower()


def _progress(session: "Session") -> dict[str, Any]:
    contest = session.contest
    told = {"name": contest.name, "arms": [contest.a, contest.b], "pairs": len(contest.pairs)}
    return {**told, "left": session.left_over(), "is_over": session.is_over}


def _show_results(session: "Session", *, anyway: bool, as_json: bool) -> None:
    from loresmith.blind.tally import counted
    from loresmith.blind.words import headline, lines

    left = session.left_over()
    if not left:
        raise UserError("Nobody has judged anything yet.", next_step="Judge first, without --results.")
    if not session.is_over and not anyway:
        told = ", ".join(f"{rater} has {number} to go" for rater, number in left.items() if number)
        raise UserError(
            f"The contest goes on: {told}. To look now and stop when it suits is how false winners are made.",
            next_step="Judge the rest, or look with --anyway.",
        )
    found = counted(session.contest, session.votes())
    if as_json:
        show_json({**found.model_dump(mode="json"), "is_over": session.is_over})
        return
    click.echo(click.style(headline(found), bold=True))
    if not session.is_over:
        click.echo("Not everybody has judged everything: this is a look in between.")
    for line in lines(found):
        click.echo(line)


def _serve(project: Project, session: "Session", place: tuple[str, int], api_key: str | None) -> None:
    from loresmith.serve.blind.site import create_blind_site

    path, said = f"blind/{session.contest.name}", ("Blind comparison", "vote")
    serve_page(create_blind_site, project, place, api_key, path, said=said)
    click.echo(f"Next: loresmith blind {project.path} --name {session.contest.name} --results", err=True)
