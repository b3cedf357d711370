"""`loresmith card`: the model card as a file, to be read, or edited before a push."""

from pathlib import Path
from typing import Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.pipeline import open_project

WHATS = ("adapter", "merged", "gguf")


@click.command("card")
@click.argument("project", type=PATH)
@click.option("--what", type=click.Choice(WHATS), default="gguf", show_default=True, help="What the card is for.")
@click.option("--repository", metavar="OWNER/NAME", help="Its place on the Hub [default: export.push_to_hub].")
@click.option("--base-model", help="The base's id on the Hub, where the recipe names a folder.")
@click.option("--license", "license_name", help="For the card [default: that of the base model].")
@click.option("--out", type=PATH, help="Where to write it [default: PROJECT/cards/WHAT.md].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(project: Path, what: Any, out: Path | None, as_json: bool, **given: "str | None") -> None:
    """Write the model card of PROJECT from its manifests: scores, parity, training, documents by name and hash.

    `loresmith push` makes the same card by itself; a card that was edited goes out with --card.
    """
    prepare(torch_works=False)
    from loresmith.artifact import machine_error, write_whole
    from loresmith.hub.destination import Destination
    from loresmith.publish.base import base_of
    from loresmith.publish.card import card
    from loresmith.publish.expert import open_expert

    opened = open_project(project)
    repository = given["repository"] or opened.recipe.export.push_to_hub
    if repository:
        Destination(repository, "model").require_sound()
    expert = open_expert(opened)
    base = base_of(expert, base_id=given["base_model"], license_name=given["license_name"])
    path = out or opened.path / "cards" / f"{what}.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, card(expert, what, base, repository))
    except OSError as fault:
        raise machine_error(fault, path) from fault
    if as_json:
        told = {"base_model": base.id, "license": base.licence.name or base.licence.id, "apart": list(expert.apart)}
        show_json({"card": str(path), "what": what, **told})
        return
    click.echo(f"{path}: {base.name}, licence {base.licence.shown}")
    if expert.apart:
        click.echo(f"  note: left out, since they are not of this adapter: {', '.join(expert.apart)}")
    place = repository or "OWNER/NAME"
    click.echo(f"Next: loresmith push {project} {place} --what {what}, with --card {path} if you edit it")
