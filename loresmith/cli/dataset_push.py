"""`loresmith dataset push`: an exported folder to the Hugging Face Hub."""

from pathlib import Path

import click

from loresmith.cli.environment import prepare
from loresmith.cli.parcels import plan_of, show_plan, show_pushed
from loresmith.cli.place import PATH, show_json
from loresmith.cli.render import follow


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
    parcel = shipment.parcel()
    if dry_run:
        if as_json:
            show_json(plan_of(parcel, destination) | {"rows": shipment.rows, "exams": list(shipment.exams)})
            return
        show_plan(parcel, destination, f"{shipment.rows} rows")
        if shipment.exams:
            click.echo(f"  note: held-out rows are among them ({', '.join(shipment.exams)})")
        click.echo(f"Next: the same command without --dry-run, for {destination.repository}")
        return
    pushed = follow(push(parcel, destination), quiet=as_json)
    if as_json:
        show_json(pushed.model_dump(mode="json") | {"rows": shipment.rows})
        return
    show_pushed(pushed)
    branch = "" if pushed.branch == "main" else f', revision="{pushed.branch}"'
    click.echo(f'Next: datasets.load_dataset("{pushed.repository}"{branch}) in Python')
