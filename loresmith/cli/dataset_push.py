"""`loresmith dataset push`: an exported folder to the Hugging Face Hub."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.cli.render import follow

if TYPE_CHECKING:
    from loresmith.exchange.shipment import Shipment
    from loresmith.hub.destination import Destination
    from loresmith.hub.push import Pushed


@click.command("push")
@click.argument("folder", type=PATH)
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--private", is_flag=True, help="Make the repository private; it must not be public already.")
@click.option("--branch", "--revision", default="main", show_default=True, help="Made where it is missing.")
@click.option("--message", default="", help="Of the commit [default: how many rows there are].")
@click.option("--create/--no-create", default=True, show_default=True, help="Make a missing repository or branch.")
@click.option("--with-exams", is_flag=True, help="Publish held-out rows too; later models will be trained on them.")
@click.option("--dry-run", is_flag=True, help="List what would be sent, with sizes; the Hub is not asked.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(
    folder: Path, repository: str, with_exams: bool, dry_run: bool, as_json: bool, **given: "str | bool"
) -> None:
    """Publish the exported FOLDER as the dataset OWNER/NAME of the Hugging Face Hub.

    FOLDER is what export, convert, decontaminate or prepare wrote: whole, with a card that names a licence. Only files
    that it lists are sent, in one commit; what is there already with the same hash is not sent again, and nothing is
    deleted. The token is HF_TOKEN, or that of `hf auth login`; HF_ENDPOINT names another Hub.
    """
    prepare(needs_hub=not dry_run, torch_works=False)
    from loresmith.exchange.shipment import pack
    from loresmith.hub.destination import Destination
    from loresmith.hub.push import push

    destination = Destination(
        repository=repository,
        kind="dataset",
        branch=str(given["branch"]),
        private=bool(given["private"]),
        create=bool(given["create"]),
        message=str(given["message"]),
    )
    destination.require_sound()
    shipment = pack(folder, with_exams=with_exams)
    if dry_run:
        _show_plan(shipment, destination, as_json=as_json)
        return
    pushed = follow(push(shipment.parcel(), destination), quiet=as_json)
    if as_json:
        show_json(pushed.model_dump(mode="json") | {"rows": shipment.rows})
        return
    _show(pushed)


def _show_plan(shipment: "Shipment", destination: "Destination", *, as_json: bool) -> None:
    sizes = {name: size for name, (size, _) in shipment.files.items()}
    if as_json:
        plan = {
            "dry_run": True,
            "repository": destination.repository,
            "branch": destination.branch,
            "license": shipment.license,
            "rows": shipment.rows,
            "exams": list(shipment.exams),
            "bytes": shipment.size_bytes,
            "would_send": sizes,
            "left_behind": dict(shipment.left_behind),
        }
        show_json(plan)
        return
    click.echo(
        f"{shipment.rows} rows in {len(sizes)} files, {_size(shipment.size_bytes)}, licence {shipment.license}, "
        f"would go to {destination.repository} ({destination.branch})"
    )
    for name, size in sizes.items():
        click.echo(f"  {_size(size):>9}  {name}")
    if shipment.exams:
        click.echo(f"  note: held-out rows are among them ({', '.join(shipment.exams)})")
    _show_left_behind(shipment.left_behind)
    click.echo(f"Next: the same command without --dry-run, for {destination.repository}")


def _show(pushed: "Pushed") -> None:
    total = sum(pushed.sent.values())
    made = " (made, private)" if pushed.created and pushed.private else " (made)" if pushed.created else ""
    click.echo(f"{len(pushed.sent)} files, {_size(total)} → {pushed.url}{made}, branch {pushed.branch}")
    click.echo(f"  commit {pushed.commit}, licence {pushed.license}")
    if pushed.already_there:
        click.echo(f"  already there with the same hash: {len(pushed.already_there)} files")
    if pushed.also_there:
        click.echo(f"  note: also there, and not of this dataset: {', '.join(pushed.also_there)}")
    _show_left_behind(pushed.left_behind)
    branch = "" if pushed.branch == "main" else f', revision="{pushed.branch}"'
    click.echo(f'Next: datasets.load_dataset("{pushed.repository}"{branch}) in Python')


def _show_left_behind(files: Mapping[str, str]) -> None:
    for name, reason in files.items():
        click.echo(f"  stays here: {name} ({reason})")


def _size(size_bytes: int) -> str:
    """In the unit that gives at most four digits."""
    if size_bytes < 1_000:
        return f"{size_bytes} B"
    return f"{size_bytes / 1e3:.1f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1e6:.1f} MB"
