"""What stands in a GGUF file before its tensors: the plan of the tensors, the model's keys, its words.

The bytes depend on the model, the tokenizer and the version of gguf, and on nothing else: no date, no host, no path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGUF_DEFAULT_ALIGNMENT, GGMLQuantizationType, GGUFWriter

from loresmith.errors import UserError
from loresmith.export.layout import Layout, gguf_names
from loresmith.export.mixture import FILE_TYPE, Model, TensorType, size_bytes, tensor_type
from loresmith.export.vocabulary import Vocabulary
from loresmith.models.merging import MergedWeights
from loresmith.recipe.export import Quantization

ROPE_FACTORS = "rope_freqs.weight"
QUANTIZATION_VERSION = 2  # GGML_QNT_VERSION: of the block formats, unchanged since 2023


@dataclass(frozen=True)
class Planned:
    """One tensor of the file."""

    name: str
    source: str | None
    """Its name in the base; `None` for the rotary factors, which come from the configuration."""
    shape: tuple[int, ...]
    kind: TensorType

    @property
    def size_bytes(self) -> int:
        """Without padding."""
        return size_bytes(self.kind, self.shape)


def plan(
    weights: MergedWeights, layout: Layout, quantization: Quantization, *, has_importance: bool = False
) -> list[Planned]:
    """Every tensor of the file in its order; `has_importance` where an importance matrix will be used.

    Raises:
        UserError: a tensor has no place in the layout, or the adapter changes a head that is the embedding.
    """
    if layout.tied and "lm_head.weight" in weights.lora.pairs:
        raise UserError(
            "The adapter changes lm_head, which is the same tensor as the embedding in this base.",
            next_step="Train again without lm_head in train.target_modules.",
        )
    names = gguf_names(weights.shards, layout.tied)
    shares_values = layout.architecture != "llama" or layout.heads != layout.key_heads
    model = Model(layout.layers, "output.weight" in names.values(), shares_values, has_importance)
    planned = [
        Planned(name, source, weights.shape(source), tensor_type(name, weights.shape(source), quantization, model))
        for source, name in names.items()
    ]
    if layout.rope_factors:
        planned.insert(1, Planned(ROPE_FACTORS, None, (len(layout.rope_factors),), "F32"))
    return planned


def describe(name: str, quantization: Quantization, layout: Layout, vocabulary: Vocabulary) -> GGUFWriter:
    """A writer that holds all keys of the file: what the model is, its sizes, its tokenizer and its chat template."""
    writer = GGUFWriter(None, layout.architecture)
    writer.add_type("model")
    writer.add_name(name)
    for key, value in layout.metadata.items():
        match value:
            case str():
                writer.add_string(key, value)
            case float():
                writer.add_float32(key, value)
            case int():
                writer.add_uint32(key, value)
    writer.add_file_type(FILE_TYPE[quantization])
    writer.add_quantization_version(QUANTIZATION_VERSION)
    _describe_words(writer, vocabulary)
    return writer


def _describe_words(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(vocabulary.merges)
    writer.add_eos_token_id(vocabulary.eos)
    writer.add_eot_token_id(vocabulary.eos)
    if vocabulary.bos is not None:
        writer.add_bos_token_id(vocabulary.bos)
    if vocabulary.pad is not None:
        writer.add_pad_token_id(vocabulary.pad)
    writer.add_add_bos_token(vocabulary.adds_bos)
    if vocabulary.chat_template:
        writer.add_chat_template(vocabulary.chat_template)


def header(writer: GGUFWriter, planned: Sequence[Planned], scratch: Path) -> bytes:
    """Everything before the first tensor, padded; `scratch` is a file that may be written and is deleted again."""
    for tensor in planned:
        kind = GGMLQuantizationType[tensor.kind]
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), tensor.size_bytes, kind)
    try:
        writer.write_header_to_file(scratch)
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()
        raw = scratch.read_bytes()
    finally:
        scratch.unlink(missing_ok=True)
    return raw + padding(len(raw))


def padding(position: int) -> bytes:
    """What brings a file of `position` bytes to where the next tensor may begin."""
    return b"\0" * (-position % int(GGUF_DEFAULT_ALIGNMENT))
