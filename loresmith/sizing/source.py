"""The shape and licence of the model that a name means, without downloading it.

In this order: the starter, a folder, a `config.json`, the local cache of the Hub, the table of well-known models.
"""

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.licences import Licence, licence_of
from loresmith.sizing import known, shape
from loresmith.sizing.shape import Shape


@dataclass(frozen=True)
class Planned:
    """A model as far as a plan needs it."""

    name: str
    shape: Shape
    licence: Licence
    is_local: bool
    """Whether its weights are on this machine, so that no download is needed."""
    seen_in: str
    """What the shape was read from."""


def planned(base: str, revision: str | None = None) -> Planned:
    """The model that `base` names: `starter`, a folder, a `config.json`, or a Hub id; the network is not asked.

    Raises:
        UserError: nothing is known about it, or its configuration is not that of a decoder model.
    """
    if base == "starter":
        return _in_folder(Path(str(files("loresmith.models") / "starter")), "starter")
    path = Path(base).expanduser()
    if path.suffix == ".gguf":
        raise UserError(
            f"{base} is a GGUF file, which cannot be trained.", next_step="Name the model it was made from."
        )
    if path.is_file():
        return _in_folder(path.parent, path.resolve().parent.name, path)
    if path.is_dir():
        return _in_folder(path, path.resolve().name)
    from loresmith.models import hub

    cached = hub.cached(base, revision)
    found = known.look_up(base)
    if cached is not None and (cached / "config.json").is_file():
        seen = _in_folder(cached, base)
        return replace(seen, licence=licence_of(base, cached), seen_in="the Hub's cache")
    if found is None:
        raise UserError(
            f"The sizes of {base} are not known here, and it is not in the local cache.",
            next_step=f"Run `hf download {base} config.json`, or name a folder or a config.json.",
        )
    return Planned(base, shape.read(found), licence_of(base, None), False, "the table of well-known models")


def _in_folder(folder: Path, name: str, config: Path | None = None) -> Planned:
    path = config or folder / "config.json"
    is_local = any(folder.glob("*.safetensors"))
    return Planned(name, shape.read(_decoder(path)), licence_of(None, folder), is_local, str(path))


def _decoder(path: Path) -> dict[str, Any]:
    """The configuration in `path`; of a model that also sees or hears, that of its language part."""
    if not path.is_file():
        raise UserError(
            f"{path.parent} has no config.json.", next_step="Name a model's folder, its config.json or Hub id."
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise UserError(f"{path} cannot be read: {fault}.", next_step="Fetch it again.") from fault
    if not isinstance(config, dict):
        raise UserError(f"{path} holds no configuration.", next_step="Fetch it again.")
    inner = config.get("text_config")
    return {**config, **inner} if isinstance(inner, dict) else config
