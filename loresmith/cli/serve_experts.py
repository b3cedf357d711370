"""`loresmith serve` for a file that lists several experts."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.options import changed
from loresmith.cli.place import show_json
from loresmith.errors import LoresmithError
from loresmith.recipe.experts import load_roster

if TYPE_CHECKING:
    from loresmith.serve.expert import Writer
    from loresmith.serve.reloading import Reloader
    from loresmith.serve.roster import OpenRoster


def serve_experts(
    path: Path, generator: "Writer", api_key: str | None, as_json: bool, given: Mapping[str, Any]
) -> None:
    """Serve the experts in the file `path` with the flags `given`, until Ctrl-C or SIGTERM."""
    roster = load_roster(path)
    config = changed(roster.serve, given)
    prepare()
    from loresmith.serve import server
    from loresmith.serve.access import access_of

    access = access_of(config, api_key)
    with server.bind(config.host, config.port) as listening:
        address = server.address_of(listening)
        from loresmith.serve.roster_opening import open_roster

        opened = open_roster(roster, path.resolve().parent, generator)
        from loresmith.serve.roster_site import create_roster_site  # Gradio takes seconds: refusals come before it

        def announce() -> None:
            _announce(address, opened, as_json)

        site = create_roster_site(opened, path.resolve(), access, config)
        with _reloaded_on_hangup(site.reloader):
            server.run(site.app, listening, announce)
    click.echo(f'Stopped.\nNext: loresmith router ask {path} "QUESTION"', err=True)


@contextmanager
def _reloaded_on_hangup(reloader: "Reloader") -> Iterator[None]:
    """Inside the block SIGHUP, where there is such a signal, brings what the file says; stderr tells how it went."""

    def reload() -> None:
        try:
            change = reloader.reload().row()
        except LoresmithError as fault:
            click.echo(f"experts: {fault.problem} Nothing has changed.", err=True)
            return
        told = ", ".join(f"{key}: {' '.join(change[key]) or 'none'}" for key in ("loaded", "unloaded", "kept"))
        click.echo(f"experts: {told}", err=True)

    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, lambda *_: Thread(target=reload, name="reload", daemon=True).start())
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _announce(address: str, opened: "OpenRoster", as_json: bool) -> None:
    names = [card.name for card in opened.cards()]
    if as_json:
        show_json({"page": address, "api": f"{address}v1", "model": names[0], "models": names, "writer": opened.writer})
        return
    click.echo(f"Page  {address}\nAPI   {address}v1   (models: {', '.join(names)})")
    if opened.router is None:
        click.echo("No router was trained, so requests have to name an expert: loresmith router train.", err=True)
    click.echo(
        f"Answers are written by {opened.writer or 'no model: the best passages answer'}. Ctrl-C ends it.", err=True
    )
