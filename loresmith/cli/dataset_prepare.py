"""`loresmith dataset prepare`: a training set on one or several domains."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.options import options_from
from loresmith.cli.place import PATH, show_json
from loresmith.cli.render import follow
from loresmith.exchange.targets import TARGETS
from loresmith.recipe import PrepareConfig, parse

if TYPE_CHECKING:
    from loresmith.domains.accounts import Prepared

FORMATS = [name for name, target in TARGETS.items() if target.rows == "training"]


@click.command("prepare")
@click.option("--domain", help="biology, history, security, math or reasoning.")
@click.option("--mix", help="Weights of domains and of general replay, such as biology=2,history=1,replay=0.2.")
@click.option(
    "--from",
    "given",
    multiple=True,
    metavar="NAME=PATH",
    help="Local copy of a source; NAME=hub takes it from the Hub, NAME=hub:ID:CONFIGURATION another of its shape.",
)
@click.option("--out", required=True, type=PATH, help="Folder for rows, card and report.")
@click.option("--format", "target", default="messages", show_default=True, type=click.Choice(FORMATS))
@options_from(PrepareConfig)
@click.option("--force", is_flag=True, help="Replace a folder that this verb made.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(domain: str | None, mix: str | None, given: tuple[str, ...], out: Path, **rest: Any) -> None:
    """Make a training set on a domain from the sources that are known for it.

    A domain is read from the sources that --from names, or else from its defaults on the Hub. Only training splits
    are read. OUT gets the rows, a card with licences, and report.html with the coverage.
    """
    target, force, as_json = rest.pop("target"), rest.pop("force"), rest.pop("as_json")
    config = parse(PrepareConfig, {name: value for name, value in rest.items() if value is not None})
    from loresmith.domains.places import places, weights

    shares = weights(mix, domain)
    chosen = places(shares, given)
    prepare(needs_hub=not all(isinstance(place.at, Path) for place in chosen), torch_works=False)
    from loresmith.domains import prepare as sets

    order = sets.Order(shares, chosen, target, out, force=force)
    prepared = follow(sets.prepare(order, config), quiet=as_json)
    if as_json:
        show_json(prepared.model_dump(mode="json"))
        return
    _show(prepared)


def _show(prepared: "Prepared") -> None:
    for place in prepared.places:
        click.echo(f"{place.source} ({place.license}): {place.place}")
        left = f"{place.left_over} left over, " if place.left_over else ""
        click.echo(
            f"  {place.read} read = {place.kept} kept + {sum(place.dropped.values())} dropped; {left}{place.rows} rows"
        )
        for reason, count in place.dropped.items():
            click.echo(f"  dropped {count}: {reason}")
        for note, count in place.notes.items():
            click.echo(f"  note: {note} ({count})")
    for warning in prepared.warnings:
        click.echo(f"warning: {warning}")
    outcome = prepared.outcome
    click.echo(f"{sum(outcome.written.values())} rows → {outcome.path} as {outcome.target}; see report.html")
    for reason, count in outcome.left_out.items():
        click.echo(f"  left out {count}: {reason}")
    if prepared.documents:
        click.echo(f"{prepared.documents} documents → {outcome.path}/documents; questions on them come from:")
        click.echo(f"  loresmith init my-expert --documents {outcome.path}/documents")
    click.echo(f"Next: loresmith dataset inspect {outcome.path}")
