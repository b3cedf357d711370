"""What goes into an exported file, gathered and checked before a byte is written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.export import gguf_file, layout, modelfile, vocabulary
from loresmith.models import chat, locate, prompts
from loresmith.models.full_weights import Tuned
from loresmith.models.lora_weights import LoraWeights
from loresmith.models.merging import MergedWeights, require_space
from loresmith.models.weights import load_tokenizer
from loresmith.recipe.settings import ExportSettings

# Tokenizer, template and tensor table; Qwen's vocabulary of 151,936 tokens takes 6 MB.
HEADER_BYTES = 16 << 20


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

    @property
    def tensors(self) -> int:
        """How many the file holds."""
        return len(self.planned)

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


def prepare(settings: ExportSettings, lora: LoraWeights, folder: Path, weights_in: Path | None = None) -> Shipment:
    """All parts read and found to fit together, and enough space in `folder`.

    `weights_in` is a folder whose weights stand for those of the base: a model whose every weight was trained.

    Raises:
        UserError: the base cannot be exported, or the adapter does not fit it; says why.
        MachineError: too little space on the disk.
    """
    source = locate.find(settings.model.base, settings.model.revision)
    tuned = Tuned(weights_in or source.path, lora)
    tokenizer = load_tokenizer(source)
    config = locate.configuration(source)
    shape = layout.read(config)
    with MergedWeights(tuned.weights, tuned.lora) as weights:
        planned = tuple(gguf_file.plan(weights, shape, settings.export.quantization))
        precision = str(weights.sixteen_bit).removeprefix("torch.")
    require_space(folder, sum(tensor.size_bytes for tensor in planned) + HEADER_BYTES)
    if not tokenizer.is_fast:
        raise UserError(
            f"The tokenizer of {source.name} has no tokenizer.json.", next_step="Convert it with transformers first."
        )
    words = vocabulary.read(tokenizer, int(config["vocab_size"]), chat.turn(tokenizer).end)
    return Shipment(
        tuned, source.name, settings, shape, words, _modelfile(settings, tokenizer, words, shape.context),
        planned, precision,
    )  # fmt: skip


def write(shipment: Shipment, path: Path) -> Iterator[str]:
    """`path` is the GGUF file; yields each tensor's name and type when it is written."""
    writer = gguf_file.describe(
        shipment.name, shipment.settings.export.quantization, shipment.layout, shipment.vocabulary
    )
    with MergedWeights(shipment.tuned.weights, shipment.tuned.lora) as weights:
        for tensor in gguf_file.write(path, writer, list(shipment.planned), weights, shipment.layout):
            yield f"{tensor.name} {tensor.kind}"


def _modelfile(settings: ExportSettings, tokenizer: Any, words: vocabulary.Vocabulary, context: int) -> str:
    stop = words.tokens[words.eos]
    return modelfile.modelfile(
        modelfile.surroundings(tokenizer, stop),
        system=prompts.SYSTEM,
        stops=(stop,),
        num_ctx=min(settings.export.num_ctx, context),
    )
