"""What of an expert goes to the Hub: the files of the kind asked for, its card, and the licence of the base."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loresmith.artifact import MANIFEST, Artifact
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.front_matter import head, license_in
from loresmith.hub.parcel import Item, Parcel
from loresmith.licences import licence_files
from loresmith.progress import Work
from loresmith.publish.base import Base
from loresmith.publish.card import card
from loresmith.publish.expert import Expert, What
from loresmith.publish.merged import merged
from loresmith.publish.ollama import hub_files, pointed_at
from loresmith.publish.usage import gguf_name

CARD, MODELFILE, GGUF = "README.md", "Modelfile", "model.gguf"
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
NOT_PUBLISHED = "not part of what is published"


@dataclass(frozen=True)
class Wish:
    """What is to be sent."""

    what: What
    repository: str
    card_file: Path | None = None
    """A card edited by hand; without it one is made."""
    only_card: bool = False


def pack(expert: Expert, base: Base, wish: Wish) -> Work[Parcel]:
    """The parcel; a merged model is made on the way where it is not there.

    Raises:
        UserError: an adapter whose base has no id on the Hub, a card without a licence, nothing exported.
        ArtifactCorrupt: a file is not the one that was written.
    """
    files: dict[str, Item] = {}
    left: dict[str, str] = {}
    if not wish.only_card:
        if wish.what == "merged":
            made = yield from merged(expert)
            files = {name: _whole(made, name) for name in made.manifest.files}
        elif wish.what == "gguf":
            made = _exported(expert)
            files = _gguf(made, gguf_name(expert, wish.repository))
        else:
            made = expert.material.parents["train"]
            files = _adapter(made, base, expert)
        sent = {item.source for item in files.values()} | {made / name for name in (MODELFILE, *ADAPTER)}
        left = {name: NOT_PUBLISHED for name in (*made.manifest.files, MANIFEST) if made / name not in sent}
        files |= {name: Item.of_file(path) for name, path in licence_files(base.folder).items()}
    files[CARD], license_name = _card(expert, base, wish)
    return Parcel(
        files=dict(sorted(files.items())),
        license=license_name,
        message=f"{expert.name}: {'the card' if wish.only_card else wish.what} from Loresmith",
        left_behind=left,
    )


def _card(expert: Expert, base: Base, wish: Wish) -> tuple[Item, str]:
    """The card and the licence that it names."""
    if wish.card_file is None:
        text = card(expert, wish.what, base, wish.repository)
        return Item.of_text(text), base.licence.name or base.licence.id
    again = f"Make one with `loresmith card {expert.project.path} --what {wish.what}`, and edit that."
    told = license_in(head(wish.card_file, next_step=again))
    if told is None:
        raise UserError(
            f"{wish.card_file} names no licence, so nobody may use what is published.",
            next_step="Put `license: NAME` into its head, as the Hub spells it.",
        )
    return Item.of_file(wish.card_file), told


def _exported(expert: Expert) -> Artifact:
    made = expert.made("export")
    if made is None:
        why = "is of an adapter made before" if "export" in expert.apart else "is not there yet"
        raise UserError(
            f"The GGUF file of {expert.project.path} {why}.", next_step=f"Run `loresmith export {expert.project.path}`."
        )
    return made


def _gguf(made: Artifact, name: str) -> dict[str, Item]:
    modelfile = (made / MODELFILE).read_text(encoding="utf-8")
    texts: Mapping[str, str] = {**hub_files(modelfile), MODELFILE: pointed_at(modelfile, name)}
    return {name: _whole(made, GGUF), **{file: Item.of_text(text) for file, text in texts.items()}}


def _adapter(made: Artifact, base: Base, expert: Expert) -> dict[str, Item]:
    """PEFT's two files; the configuration names the base by its id, by which others find it."""
    if base.id is None:
        raise UserError(
            f"The adapter was trained on {base.name}, which is no model of the Hub by that name: nobody could load it.",
            next_step="Name the base with --base-model OWNER/NAME, or publish the whole model: --what merged or gguf.",
        )
    config, weights = ADAPTER
    told = json.loads((made / config).read_text(encoding="utf-8"))
    told |= {"base_model_name_or_path": base.id, "revision": base.revision}
    return {
        config: Item.of_text(json.dumps(told, indent=2, sort_keys=True) + "\n"),
        weights: _whole(made, weights),
    }


def _whole(made: Artifact, name: str) -> Item:
    """A file of an artifact, read once more: large ones are checked by size alone when it is opened."""
    item = Item.of_file(made / name)
    if (item.size, item.sha256) != tuple(made.manifest.files[name]):
        raise ArtifactCorrupt(made.path, f"{name} is not the file that was written", made_by=made.manifest.stage)
    return item
