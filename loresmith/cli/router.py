"""`loresmith router`: train, examine and ask what sends questions to one of several experts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json

if TYPE_CHECKING:
    from loresmith.recipe.experts import Roster
    from loresmith.records import Estimate
    from loresmith.router.decision import Route
    from loresmith.router.measuring import Measured, Score
    from loresmith.router.training import Teaching

ROSTER = click.argument("roster", type=PATH)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")


@click.group("router")
def command() -> None:
    """Send each question to the expert it is for, or to the base model where it is for none.

    ROSTER is a YAML file that lists the experts, each with its project; see docs/how-to/experts.md.
    """


@command.command("train")
@ROSTER
@JSON
def train(roster: Path, as_json: bool) -> None:
    """Learn from the experts' training questions, and calibrate on documents left out of the learning."""
    given = _teaching(_listed(roster), roster)
    prepare()
    from loresmith.cli.render import follow
    from loresmith.router import training

    made = follow(training.run(given), quiet=as_json)
    notes = made.manifest.notes
    if as_json:
        show_json({"path": str(made.path), "learned": made.manifest.counts, **notes})
        return
    for name, count in made.manifest.counts.items():
        click.echo(f"  {name:<24} {count} questions learned, {notes['held_out'][name]} to calibrate")
    facts = notes["facts"]
    click.echo(
        f"It abstains below a probability of {facts['least_probability']:.3f} or a nearness of"
        f" {facts['least_nearness']:.3f}.\nNext: loresmith router test {roster}"
    )


@command.command("test")
@ROSTER
@click.option("--foreign", type=PATH, help="A text file of questions for no expert, one in each line.")
@JSON
def test(roster: Path, foreign: Path | None, as_json: bool) -> None:
    """Measure the router on the projects' transfer exams, whose documents taught and calibrated nothing."""
    listed = _listed(roster)
    given = _teaching(listed, roster)
    prepare()
    from loresmith.router.decision import open_router
    from loresmith.router.examining import examined

    router = open_router(given.target, listed.keywords)
    own, strangers = examined(router, given, foreign)
    if as_json:
        told = own.model_dump(mode="json")
        show_json(told if strangers is None else {**told, "foreign": strangers.whole.model_dump(mode="json")})
        return
    _show(own)
    if strangers is not None:
        whole = strangers.whole
        click.echo(f"{'for nobody':<16} abstained {_interval(whole.abstention)} of {whole.questions}")
    click.echo(f'Next: loresmith router ask {roster} "QUESTION"', err=True)


@command.command("ask")
@ROSTER
@click.argument("question")
@JSON
def ask(roster: Path, question: str, as_json: bool) -> None:
    """Say which expert QUESTION would go to, and why; nobody answers it."""
    keywords = _listed(roster).keywords
    prepare()
    from loresmith.router.decision import open_router
    from loresmith.router.training import FOLDER

    route = open_router(roster.parent / FOLDER, keywords).decide(question)
    if as_json:
        show_json(route.model_dump(mode="json"))
        return
    click.echo(reason(route))
    click.echo(f"Next: loresmith serve {roster}", err=True)


def reason(route: "Route") -> str:
    """Where a question goes and why, in a line for people."""
    seen = f"probability {route.probability:.3f}, nearness {route.nearness:.3f}"
    if route.keyword is not None:
        return f"{route.expert}: the word {route.keyword!r} decides (the classifier says {route.likeliest}, {seen})"
    if route.expert is not None:
        return f"{route.expert}: {seen}"
    why = "far from all that it learned" if route.why == "far" else "no expert is probable enough"
    return f"base: {why} ({route.likeliest} would be next, {seen})"


def _listed(path: Path) -> "Roster":
    from loresmith.recipe.experts import load_roster

    return load_roster(path)


def _teaching(roster: "Roster", path: Path) -> "Teaching":
    from loresmith.router.training import teaching

    return teaching(roster, path.resolve().parent)


def _show(found: "Measured") -> None:
    click.echo(_line("all", found.whole))
    for name, score in found.experts.items():
        click.echo(_line(name, score))
    for row in found.calibration:
        click.echo(f"  said {row.claimed:6.1%}, came true {_interval(row.seen)}, of {row.questions}")


def _line(name: str, score: "Score") -> str:
    right = "nothing was sent" if score.accuracy is None else f"right {_interval(score.accuracy)} of {score.answered}"
    return f"{name:<16} {right}; abstained {_interval(score.abstention)} of {score.questions}"


def _interval(found: "Estimate") -> str:
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"
