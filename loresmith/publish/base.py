"""The base model as a card and an adapter name it: its id on the Hub, its licence, its files. Nothing is downloaded."""

from dataclasses import dataclass
from pathlib import Path

from loresmith.errors import UserError
from loresmith.licences import Licence, licence_of
from loresmith.models import hub, locate
from loresmith.models.remote import is_remote
from loresmith.publish.expert import Expert


@dataclass(frozen=True)
class Base:
    """What was fine-tuned."""

    id: str | None
    """On the Hub; `None` where it is not there, or nobody said."""
    name: str
    """The id, `starter`, or the last part of a path."""
    revision: str | None
    folder: Path | None
    """Where its files lie; `None` where they are gone."""
    licence: Licence


def base_of(expert: Expert, *, base_id: str | None = None, license_name: str | None = None) -> Base:
    """The base of `expert`; what is given goes before what is found.

    Raises:
        UserError: `base_id` cannot be an id on the Hub.
    """
    if base_id is not None and not ("/" in base_id and hub.HUB_ID.fullmatch(base_id)):
        raise UserError(
            f"{base_id!r} is no id of a model on the Hub.",
            next_step="Give OWNER/NAME, such as Qwen/Qwen2.5-3B-Instruct.",
        )
    model = expert.settings("train").get("model", {})
    told, revision = str(model.get("base", "")), model.get("revision")
    is_id = is_remote(told) and "/" in told and hub.HUB_ID.fullmatch(told) is not None
    named = base_id or (told if is_id else None)
    folder = _folder(told, revision, is_id=is_id)
    name = named or ("starter" if told == "starter" else Path(told).name)
    return Base(named, name, revision if is_id else None, folder, licence_of(named, folder, license_name))


def _folder(told: str, revision: str | None, *, is_id: bool) -> Path | None:
    try:
        folder = hub.cached(told, revision) if is_id else locate.find(told, revision).path
    except UserError:
        return None
    return folder if folder is not None and folder.is_dir() else None
