"""Where a base model lies: the bundled starter, a folder, a GGUF file or the Hub. Light: no torch.

Refused before anything is loaded: folders without `config.json`, weights or tokenizer, adapters without their base,
pickled weights (they can run code when read) and layouts that only code from the model's repository can build.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from loresmith.errors import UserError
from loresmith.models import hub
from loresmith.models.hub import WANTED

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")

HASHED_WHOLE_BYTES = 64 << 20
# Larger files are hashed by size, first 4 MB (the header) and 64 spread samples: a 6 GB model costs 20 ms, not 5 s,
# and weights that were trained further differ in nearly every block.
HEADER_BYTES, SAMPLES, SAMPLE_BYTES = 4 << 20, 64, 1 << 16


@dataclass(frozen=True)
class ModelSource:
    """A base model on this machine."""

    kind: Literal["starter", "folder", "gguf", "hub"]
    path: Path
    """Folder of the model; for `gguf` the file."""
    name: str
    """As it may be written into a result: `starter`, a Hub id, or the last part of a path."""


def find(base: str, revision: str | None = None) -> ModelSource:
    """The model that `base` names, checked as far as can be without loading it; Hub models are downloaded if need be.

    Raises:
        UserError: nothing usable is there; says what would be.
    """
    if base == "starter":
        return ModelSource("starter", _usable(Path(str(files("loresmith.models") / "starter")), base), "starter")
    path = Path(base).expanduser()
    if path.is_dir():
        return ModelSource("folder", _usable(path, base), path.resolve().name)
    if path.suffix == ".gguf":
        return ModelSource("gguf", _usable_gguf(path), path.name)
    if path.is_file():
        raise UserError(f"{base} is a file, not a model.", next_step="Name the model's folder, or a .gguf file.")
    return ModelSource("hub", _from_hub(base, revision), base)


def identity(source: ModelSource) -> str:
    """sha256 over the files that decide what the model says; no path and no time enters."""
    digest = hashlib.sha256()
    for path in _files(source):
        digest.update(f"{path.name if source.path.is_dir() else ''}\0{path.stat().st_size}\0".encode())
        for block in _telling(path):
            digest.update(block)
    return digest.hexdigest()


def configuration(source: ModelSource) -> dict[str, Any]:
    """The `config.json` of a model folder.

    Raises:
        UserError: it is missing or no JSON object.
    """
    return _configuration(source.path, source.name)


def _from_hub(base: str, revision: str | None) -> Path:
    """What the cache holds whole is taken as it is, so that a model does not change under a project."""
    folder = hub.cached(base, revision)
    if folder is not None:
        try:
            return _usable(folder, base)
        except UserError:
            pass  # a cache often holds a tokenizer alone
    return _usable(hub.download(base, revision), base)


def _files(source: ModelSource) -> list[Path]:
    if source.path.is_file():
        return [source.path]
    return sorted({path for pattern in WANTED for path in source.path.glob(pattern) if path.is_file()})


def _telling(path: Path) -> Iterator[bytes]:
    """The whole file in blocks, or the parts of a large one that tell it from another."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= HASHED_WHOLE_BYTES:
            while block := file.read(1 << 20):
                yield block
            return
        yield file.read(HEADER_BYTES)
        for number in range(SAMPLES):
            file.seek(HEADER_BYTES + (size - HEADER_BYTES - SAMPLE_BYTES) * number // (SAMPLES - 1))
            yield file.read(SAMPLE_BYTES)


def _usable(folder: Path, base: str) -> Path:
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise UserError(
            f"{base} holds an adapter, not a base model.",
            next_step="Set `model.base` to the model that the adapter was trained on (see its adapter_config.json).",
        )
    config = _configuration(folder, base)
    _require_known_layout(config, base)
    _require_weights(folder, base)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise UserError(
            f"{base} has no tokenizer ({', '.join(TOKENIZERS)}).",
            next_step="Copy the tokenizer's files from the model's origin into the folder.",
        )
    return folder


def _configuration(folder: Path, base: str) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise UserError(
            f"{base} has no config.json, so it is no model folder.",
            next_step="Point `model.base` at a folder in the Hugging Face layout, a .gguf file, a Hub id or `starter`.",
        )
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise UserError(f"{path} cannot be read: {fault}.", next_step="Fetch the model again.") from fault
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise UserError(f"{path} names no model_type.", next_step="Fetch the model again.")
    return config


def _require_known_layout(config: dict[str, Any], base: str) -> None:
    """Layouts that come with their own code are taken only where transformers knows them without it."""
    if "auto_map" not in config:
        return
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    if config["model_type"] not in CONFIG_MAPPING_NAMES:
        raise UserError(
            f"{base} has the layout {config['model_type']!r}, which needs code from its repository; that is never run.",
            next_step="Choose a model of a layout that transformers has itself, such as llama, qwen2 or qwen3.",
        )


def _require_weights(folder: Path, base: str) -> None:
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        if any(any(folder.glob(pattern)) for pattern in PICKLED):
            raise UserError(
                f"{base} has its weights only as pickles, which can run code when they are read.",
                next_step="Convert to safetensors: https://huggingface.co/spaces/safetensors/convert, "
                "or load and `save_pretrained` them where you trust them.",
            )
        raise UserError(f"{base} holds no weights (*.safetensors).", next_step="Fetch the model again, whole.")
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError, AttributeError, TypeError) as fault:
            raise UserError(f"{index} cannot be read.", next_step="Fetch the model again, whole.") from fault
        if missing := sorted(named - {path.name for path in weights}):
            raise UserError(f"{base} lacks {', '.join(missing)}.", next_step="Fetch the model again, whole.")
    for path in weights:
        with path.open("rb") as file:
            if file.read(24).startswith(b"version https://git-lfs"):
                raise UserError(
                    f"{path} is a Git LFS pointer, not the weights.", next_step="Run `git lfs pull` in the folder."
                )


def _usable_gguf(path: Path) -> Path:
    if not path.is_file():
        raise UserError(f"There is no file {path}.", next_step="Check `model.base`.")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise UserError(f"{path} is no GGUF file.", next_step="Fetch or export it again.")
    return path
