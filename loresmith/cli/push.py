"""`loresmith push`: the finished expert to the Hugging Face Hub."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.parcels import plan_of, show_plan, show_pushed
from loresmith.cli.place import PATH, show_json
from loresmith.cli.render import follow
from loresmith.errors import UserError
from loresmith.pipeline import Project, open_project

if TYPE_CHECKING:
    from loresmith.hub.destination import Destination
    from loresmith.hub.parcel import Parcel
    from loresmith.publish.sending import Order

NEXT = {
    "adapter": 'PeftModel.from_pretrained(model, "{0}") in Python',
    "merged": 'AutoModelForCausalLM.from_pretrained("{0}") in Python',
    "gguf": "ollama run hf.co/{0}",
    "dataset": 'datasets.load_dataset("{0}") in Python',
}


@click.command("push")
@click.argument("project", type=PATH)
@click.argument("repository", metavar="[OWNER/NAME]", required=False)
@click.option("--what", type=click.Choice(list(NEXT)), default="gguf", show_default=True, help="What is sent.")
@click.option("--only-card", is_flag=True, help="Send the model card alone.")
@click.option("--card", type=PATH, help="Send this card, edited by hand, instead of a fresh one.")
@click.option("--public", is_flag=True, help="Make a public repository, or write to one [default: private].")
@click.option("--base-model", help="The base's id on the Hub, where the recipe names a folder.")
@click.option("--license", "license_name", help="For the card [default: that of the base model].")
@click.option("--although-not-equal", is_flag=True, help="Send a file that did not pass the parity exam.")
@click.option("--although-not-better", is_flag=True, help="Send a model that the verdict is not to ship.")
@click.option("--branch", "--revision", default="main", show_default=True, help="Made where it is missing.")
@click.option("--message", default="", help="Of the commit [default: what is sent].")
@click.option("--create/--no-create", default=True, show_default=True, help="Make a missing repository or branch.")
@click.option("--dry-run", is_flag=True, help="List what would be sent, with sizes; the Hub is not asked.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(project: Path, repository: str | None, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Publish the expert of PROJECT as OWNER/NAME on the Hugging Face Hub, with its model card.

    Refused where the verdict is not to ship it, and, for a merged model or a GGUF file, where the parity exam did not
    find it equal to the model that was examined. One commit; what is there already with the same hash is not sent
    again, and nothing is deleted. OWNER/NAME is export.push_to_hub of the recipe where it is not given. The token is
    HF_TOKEN, or that of `hf auth login`; HF_ENDPOINT names another Hub.
    """
    prepare(needs_hub=not dry_run, torch_works=False)
    opened = open_project(project)
    name = repository or opened.recipe.export.push_to_hub
    if not name:
        raise UserError(
            "No repository is named.", next_step=f"loresmith push {project} OWNER/NAME, or set export.push_to_hub."
        )
    destination = _destination(name, given)
    destination.require_sound()
    if given["what"] == "dataset":
        _push_rows(opened, destination, given, dry_run=dry_run, as_json=as_json)
        return
    order = _order(destination, given)
    if dry_run:
        from loresmith.publish.sending import packed

        _show_plan(follow(packed(opened, order), quiet=as_json), destination, given["what"], as_json=as_json)
        return
    from loresmith.publish.sending import send

    pushed = follow(send(opened, order), quiet=as_json)
    if as_json:
        show_json(pushed.model_dump(mode="json"))
        return
    show_pushed(pushed)
    click.echo(f"Next: {NEXT[given['what']].format(pushed.repository)}")


def _destination(name: str, given: dict[str, Any]) -> "Destination":
    from loresmith.hub.destination import Destination

    return Destination(
        name,
        "dataset" if given["what"] == "dataset" else "model",
        branch=given["branch"],
        private=not given["public"],
        if_public="add --public if everybody may see it",
        create=given["create"],
        message=given["message"],
    )


def _order(destination: "Destination", given: dict[str, Any]) -> "Order":
    from loresmith.publish.fitness import NOT_BETTER, NOT_EQUAL
    from loresmith.publish.packing import Wish
    from loresmith.publish.sending import Order

    flags = {NOT_EQUAL: given["although_not_equal"], NOT_BETTER: given["although_not_better"]}
    return Order(
        Wish(given["what"], destination.repository, given["card"], given["only_card"]),
        destination,
        given["base_model"],
        given["license_name"],
        tuple(flag for flag, is_said in flags.items() if is_said),
    )


def _push_rows(
    project: Project, destination: "Destination", given: dict[str, Any], *, dry_run: bool, as_json: bool
) -> None:
    """The training rows as a dataset."""
    if given["only_card"] or given["card"]:
        raise UserError(
            "--only-card and --card are for a model's card.",
            next_step="For a dataset: `loresmith dataset export`, edit its README.md, `loresmith dataset push`.",
        )
    if not given["license_name"]:
        raise UserError(
            "The rows have no licence, so nobody may use them.",
            next_step="Add --license NAME (cc-by-4.0, mit, ... as the Hub spells it).",
        )
    if dry_run:
        from loresmith.publish.dataset import dataset_parcel

        with TemporaryDirectory() as folder:
            place = Path(folder) / destination.repository.split("/")[1]
            _show_plan(dataset_parcel(project, place, given["license_name"]), destination, "dataset", as_json=as_json)
        return
    from loresmith.publish.sending import send_rows

    pushed = follow(send_rows(project, destination, given["license_name"]), quiet=as_json)
    if as_json:
        show_json(pushed.model_dump(mode="json"))
        return
    show_pushed(pushed)
    click.echo(f"Next: {NEXT['dataset'].format(pushed.repository)}")


def _show_plan(parcel: "Parcel", destination: "Destination", what: str, *, as_json: bool) -> None:
    if as_json:
        show_json(plan_of(parcel, destination) | {"what": what})
        return
    show_plan(parcel, destination, what.capitalize() if what != "gguf" else "GGUF")
    click.echo(f"Next: the same command without --dry-run, for {destination.repository}")
