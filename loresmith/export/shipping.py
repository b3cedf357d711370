"""What goes into an exported file, gathered and checked before a byte is written."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.artifact import hash_file
from loresmith.errors import UserError
from loresmith.export import adapter_file, gguf_file, importance, journal, layout, modelfile, stream, vocabulary
from loresmith.export.importance import Importance
from loresmith.models import chat, locate, memory, prompts
from loresmith.models.full_weights import Tuned
from loresmith.models.locate import ModelSource
from loresmith.models.lora_weights import LoraWeights
from loresmith.models.merging import MergedWeights, require_space, shards
from loresmith.models.weights import load_tokenizer
from loresmith.recipe.settings import ExportSettings

# Tokenizer, template and tensor table; Qwen's vocabulary of 151,936 tokens takes 6 MB.
HEADER_BYTES = 16 << 20
# The same vocabulary as Python objects, twice over, and the header made from it.
WORDS_BYTES = 160 << 20


@dataclass(frozen=True)
class Shipment:
    """Everything that an exported file is made of."""

    tuned: Tuned
    name: str
    settings: ExportSettings
    layout: layout.Layout
    vocabulary: vocabulary.Vocabulary
    modelfile: str
    planned: tuple[gguf_file.Planned, ...]
    precision: str
    origin: str
    """Stands for base and adapter: the same only where both are."""

    @property
    def tensors(self) -> int:
        """How many the file holds."""
        return len(self.planned)

    @property
    def wants_importance(self) -> bool:
        """Whether the recipe asks for an importance matrix and some tensor takes heed of it."""
        asked = self.settings.export.importance == "training"
        return asked and any(importance.weighs(tensor) for tensor in self.planned)

    def notes(self) -> dict[str, Any]:
        """What the report says about the file."""
        return {
            "quantization": self.settings.export.quantization,
            "architecture": self.layout.architecture,
            "merged_precision": self.precision,
            "tensors_merged": len(self.tuned.lora.pairs),
            "all_weights_trained": self.tuned.is_full,
            "tensor_types": dict(sorted(Counter(tensor.kind for tensor in self.planned).items())),
            "weight_bytes": sum(tensor.size_bytes for tensor in self.planned),
            "pre_tokenizer": self.vocabulary.pre,
            "stop_token": self.vocabulary.tokens[self.vocabulary.eos],
            "ollama_template": "TEMPLATE" in self.modelfile,
        }


@dataclass(frozen=True)
class Written:
    """A tensor that is in the file now."""

    done: int
    """Tensors in the file."""
    tensor: gguf_file.Planned


def prepare(settings: ExportSettings, lora: LoraWeights, folder: Path, weights_in: Path | None = None) -> Shipment:
    """All parts read and found to fit together, enough space in `folder` and enough memory.

    `weights_in` is a folder whose weights stand for those of the base: a model whose every weight was trained.

    Raises:
        UserError: the base cannot be exported, or the adapter does not fit it; says why.
        MachineError: too little space on the disk, or too little memory.
    """
    source = locate.find(settings.model.base, settings.model.revision)
    tuned = Tuned(weights_in or source.path, lora)
    _require_adapter(tuned, settings)
    tokenizer = load_tokenizer(source)
    config = locate.configuration(source)
    shape = layout.read(config)
    with MergedWeights(tuned.weights, tuned.lora) as weights:
        weighs = settings.export.importance == "training"
        planned = tuple(gguf_file.plan(weights, shape, settings.export.quantization, has_importance=weighs))
        precision = str(weights.sixteen_bit).removeprefix("torch.")
    whole = sum(tensor.size_bytes for tensor in planned) + HEADER_BYTES + _beside_bytes(tuned, settings)
    require_space(folder, max(0, whole - journal.begun_bytes(folder)))
    memory.require(stream.memory_bytes() + WORDS_BYTES, "Exporting")
    if not tokenizer.is_fast:
        raise UserError(
            f"The tokenizer of {source.name} has no tokenizer.json.", next_step="Convert it with transformers first."
        )
    words = vocabulary.read(tokenizer, int(config["vocab_size"]), chat.turn(tokenizer).end)
    return Shipment(
        tuned, source.name, settings, shape, words, _modelfile(settings, tokenizer, words, shape.context),
        planned, precision, _origin(source, tuned),
    )  # fmt: skip


def write(shipment: Shipment, path: Path, measured: Importance = importance.NONE) -> Iterator[Written]:
    """`path` is the whole GGUF file; yields each tensor when it is written, without those that a killed attempt left.

    Beside `path` lies its journal while it is not whole; what was written with another importance matrix is not kept.

    Raises:
        UserError: a weight is not finite.
        OSError: the disk is full; the next attempt goes on after the last whole tensor.
    """
    writer = gguf_file.describe(
        shipment.name, shipment.settings.export.quantization, shipment.layout, shipment.vocabulary
    )
    importance.describe(writer, measured)
    header = gguf_file.header(writer, shipment.planned, path.with_name(f"{path.name}.header"))
    kept = journal.resume(path, header, shipment.origin + measured.digest, shipment.planned)
    with MergedWeights(shipment.tuned.weights, shipment.tuned.lora) as weights:
        made_of = stream.Ingredients(weights, shipment.layout, measured.columns)
        left = stream.append(path, shipment.planned[kept:], made_of)
        for done, tensor in enumerate(left, kept + 1):
            yield Written(done, tensor)
    journal.remove(path)


def _beside_bytes(tuned: Tuned, settings: ExportSettings) -> int:
    """What `export.also` takes."""
    also = settings.export.also
    merged = sum(file.stat().st_size for file in set(shards(tuned.weights).values())) if "merged" in also else 0
    return merged + (adapter_file.size_bytes(tuned.lora) if "adapter" in also else 0)


def _require_adapter(tuned: Tuned, settings: ExportSettings) -> None:
    """Check that what `export.also: adapter` asks for exists."""
    if "adapter" not in settings.export.also or (tuned.lora.pairs and not tuned.lora.lengths):
        return
    what = "DoRA, which llama.cpp cannot add to a base" if tuned.lora.lengths else "full, so there is no adapter"
    raise UserError(
        f"export.also asks for the adapter, but the training was {what}.",
        next_step="Take `adapter` out of export.also; the whole model is in the GGUF file.",
    )


def _origin(source: ModelSource, tuned: Tuned) -> str:
    digest = hashlib.sha256(f"{locate.identity(source)} {tuned.lora.scaling}".encode())
    if tuned.is_full:
        digest.update("".join(hash_file(shard) for shard in sorted(set(shards(tuned.weights).values()))).encode())
    for name, (down, up) in tuned.lora.pairs.items():
        digest.update(name.encode() + down.numpy().tobytes() + up.numpy().tobytes())
    for name, lengths in tuned.lora.lengths.items():
        digest.update(name.encode() + lengths.numpy().tobytes())
    return digest.hexdigest()


def _modelfile(settings: ExportSettings, tokenizer: Any, words: vocabulary.Vocabulary, context: int) -> str:
    stop = words.tokens[words.eos]
    return modelfile.modelfile(
        modelfile.surroundings(tokenizer, stop),
        system=prompts.SYSTEM,
        stops=(stop,),
        num_ctx=min(settings.export.num_ctx, context),
    )
