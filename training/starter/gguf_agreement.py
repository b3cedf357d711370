"""The starter through transformers and through its own GGUF files: equal prompt ids, equal greedy answers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from loresmith.export import shipping
from loresmith.models import prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.language import LanguageModel
from loresmith.models.lora_weights import NO_UPDATE
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings
from training.starter.reading_exam import LONGEST_ANSWER, Item, counted

Quantization = Literal["f16", "q4_k_m"]
QUANTIZATIONS: tuple[Quantization, ...] = ("f16", "q4_k_m")


def agreement(folder: Path, model: LanguageModel, items: Sequence[Item]) -> dict[str, Any]:
    """For each file type: prompts with the same ids, and prompts with the same greedy answer."""
    messages = [prompts.short(item.question, prompts.numbered([item.passage])) for item in items]
    asked = [model.encode(message) for message in messages]
    expected = [answer.ids for answer in model.complete(asked, LONGEST_ANSWER)]
    found: dict[str, Any] = {}
    for kind in QUANTIZATIONS:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / f"starter-{kind}.gguf"
            convert(folder, path, kind)
            with GgufModel(path) as other:
                ids = [other.encode(message) for message in messages]
                answers = [answer.ids for answer in other.complete(ids, LONGEST_ANSWER)]
        found[kind] = {
            "same_ids": counted(sum(map(list.__eq__, ids, asked)), len(asked)),
            "same_answers": counted(sum(map(tuple.__eq__, answers, expected)), len(asked)),
        }
    return found


def convert(folder: Path, path: Path, kind: Quantization) -> None:
    """Write the model of `folder` as one GGUF file, by the product's own exporter without an adapter."""
    settings = ExportSettings(model=ModelConfig(base=str(folder)), export=ExportConfig(quantization=kind))
    shipment = shipping.prepare(settings, NO_UPDATE, path.parent)
    for _ in shipping.write(shipment, path):
        pass
