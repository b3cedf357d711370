"""`loresmith watch`: rounds that keep an expert current, by themselves or on demand."""

import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json, with_recipe

if TYPE_CHECKING:
    from loresmith.watch.round import Bench
    from loresmith.watch.watching import Look

FAILED = 2
"""Exit code where a round failed; the champion answers on."""


@click.command("watch")
@click.argument("project", type=PATH)
@click.option("--once", is_flag=True, help="Look once: hold what is due, then end.")
@click.option("--now", "train_now", is_flag=True, help="Look once, and hold a round that trains, whatever happened.")
@click.option("--install", is_flag=True, help="Let this machine look by itself: a systemd timer, or a line for cron.")
@click.option("--every", type=click.IntRange(1, 59), default=15, show_default=True, help="Minutes, with --install.")
@click.option("--registry", type=PATH, help="Folder of a shared registry [default: PROJECT/registry].")
@click.option(
    "--wait", "wait_seconds", type=click.FloatRange(min=0), default=0.0, help="Seconds to wait for another watch."
)
@click.option("--json", "as_json", is_flag=True, help="Print each look's result as JSON on stdout.")
def command(project: Path, registry: Path | None, wait_seconds: float, as_json: bool, **how: Any) -> None:
    """Keep the expert of PROJECT current, and never worse unnoticed, until Ctrl-C.

    Changed documents, a schedule, bad exams and rejected answers (section `watch` of the recipe) start a round: the
    index is made current at once, a candidate is trained and sits the same exam as the champion, the gate promotes or
    refuses it, and people are told. A killed round goes on where it was. Exit code 2: a round failed.
    """
    from loresmith.pipeline import open_project

    opened = open_project(project)
    opened = with_recipe(opened, opened.recipe)
    if project.is_file():  # a recipe: the folder that it describes has to know it
        opened.save()
    if how["install"]:
        _install(opened.path, opened.recipe.name, registry, how["every"])
        return
    from loresmith.models.remote import is_remote

    prepare(needs_hub=is_remote(opened.recipe.model.base))
    from loresmith.cli.registry import registry_at
    from loresmith.recipe import WatchConfig
    from loresmith.registry import Registry
    from loresmith.watch.notices import mailbox
    from loresmith.watch.places import Places
    from loresmith.watch.round import Bench
    from loresmith.watch.timer import utc_now
    from loresmith.watch.watching import schedules

    config = opened.recipe.watch or WatchConfig()
    with Registry(registry_at(opened.path, registry), create=True) as book:
        bench = Bench(opened, book, mailbox(config, Places(opened.path), utc_now), utc_now)
        schedules(bench)  # a wrong line is said before anything is waited for
        with book.round("loresmith watch", wait_seconds=wait_seconds):
            if how["once"] or how["train_now"]:
                _once(bench, trains=how["train_now"], as_json=as_json)
            else:
                _always(bench, as_json)


def _once(bench: "Bench", *, trains: bool, as_json: bool) -> None:
    from loresmith.cli.render import follow
    from loresmith.watch.records import Reason
    from loresmith.watch.watching import look

    asked = Reason(kind="asked", words="somebody asked") if trains else None
    found = follow(look(bench, asked), quiet=as_json)
    _show(found, as_json)
    if not found.rounds and found.exam is None and not as_json:
        click.echo("Nothing is due: no document changed.")
    if not as_json:
        click.echo(f"Next: loresmith status {bench.project.path}", err=True)
    if any(one.outcome == "failed" for one in found.rounds):
        sys.exit(FAILED)


def _always(bench: "Bench", as_json: bool) -> None:
    from loresmith.cli.render import follow
    from loresmith.watch.loop import keep_watch

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    if not as_json:
        click.echo(f"Watching {', '.join(bench.project.recipe.documents)}. Ctrl-C ends it.", err=True)
    keep_watch(bench, lambda work: follow(work, quiet=as_json), lambda found: _show(found, as_json), over)


def _show(found: "Look", as_json: bool) -> None:
    from loresmith.watch.notices import share

    if as_json:
        if found.rounds or found.exam:
            exam = found.exam.model_dump(mode="json") if found.exam else None
            show_json({"rounds": [one.model_dump(mode="json") for one in found.rounds], "exam": exam})
        return
    for one in found.rounds:
        click.echo(f"round {one.number}: " + click.style(one.outcome, bold=True) + f" — {one.headline}")
    if found.exam is not None:
        below = ", too low" if found.exam.is_below else ""
        click.echo(f"exam: version {found.exam.champion} has {share(found.exam.accuracy)}{below}")


def _install(project: Path, name: str, registry: Path | None, minutes: int) -> None:
    from loresmith.watch import installing

    words = installing.command(project, registry)
    has_systemd = shutil.which("systemctl") is not None
    made = installing.systemd(name, words, minutes, Path.home()) if has_systemd else installing.cron(words, minutes)
    installing.write(made)
    for path in made.files:
        click.echo(f"wrote {path}")
    click.echo(f"Next: {made.next_step}")
