"""The low-rank updates of a PEFT adapter, one per base tensor, computed a block of rows at a time.

Plain LoRA (arXiv 2106.09685), rank-stabilised LoRA (arXiv 2312.03732) and DoRA (arXiv 2402.09353). Not covered, and
refused: adapters that train biases, embeddings or whole modules, and starts that change the base (PiSSA, OLoRA, LoftQ,
CorDA).
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from loresmith.errors import UserError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
DOWN, UP = ".lora_A.weight", ".lora_B.weight"
MAGNITUDE = ".lora_magnitude_vector"
RETRAIN = "Train again with plain LoRA (`loresmith train`); only that can be merged."


@dataclass(frozen=True)
class LoraWeights:
    """What an adapter adds to each base tensor."""

    scaling: float
    pairs: dict[str, tuple[torch.Tensor, torch.Tensor]]
    """Base tensor name to (A of shape (r, columns), B of shape (rows, r)), both float32."""
    lengths: dict[str, torch.Tensor] = field(default_factory=dict)
    """With DoRA: base tensor name to the length that each row of the sum gets, shape (rows,), float32."""

    def delta(self, name: str, rows: slice | torch.Tensor) -> torch.Tensor | None:
        """The update of these rows in float32, shape (rows, columns); `None` where the adapter leaves `name` alone."""
        if name not in self.pairs:
            return None
        down, up = self.pairs[name]
        update: torch.Tensor = up[rows] @ down
        return update.mul_(self.scaling)

    def added(self, name: str, stored: torch.Tensor, rows: slice | torch.Tensor) -> torch.Tensor:
        """The sum in float32 of these rows as `stored` in the base and their update, scaled as DoRA (eq. 5) asks."""
        update = self.delta(name, rows)
        if update is None:
            return stored.float()
        whole = update.add_(stored)
        if name in self.lengths:
            whole *= (self.lengths[name][rows] / torch.linalg.norm(whole, dim=1))[:, None]
        return whole


NO_UPDATE = LoraWeights(1.0, {})


def read(folder: Path) -> LoraWeights:
    """The adapter in `folder`, as `PeftModel.save_pretrained` leaves it.

    Raises:
        UserError: the files are missing or damaged, or this is no plain LoRA.
    """
    config = _config(folder / CONFIG)
    if fault := _cannot_merge(config):
        raise UserError(f"The adapter in {folder} {fault}, which cannot be merged.", next_step=RETRAIN)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as fault_read:
        raise UserError(
            f"{folder / WEIGHTS} cannot be read: {fault_read}.",
            next_step="Make the adapter anew with `loresmith train`.",
        ) from fault_read
    rank = int(config["r"])
    scaling = config["lora_alpha"] / (math.sqrt(rank) if config.get("use_rslora") else rank)
    lengths = {key: tensors.pop(key) for key in sorted(tensors) if key.endswith(MAGNITUDE)}
    pairs = _pairs(folder, tensors)
    named = {_base_name(key, MAGNITUDE): tensor.float() for key, tensor in lengths.items()}
    if named.keys() != (pairs.keys() if config.get("use_dora") else set()):
        raise UserError(f"The lengths of DoRA in {folder} do not fit its LoRA weights.", next_step=RETRAIN)
    return LoraWeights(scaling, pairs, named)


def _base_name(key: str, end: str) -> str:
    return key.removesuffix(end).removeprefix(PREFIX) + ".weight"


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(config, dict) or not {"r", "lora_alpha"} <= config.keys():
            raise ValueError("it names no `r` and `lora_alpha`")
    except (OSError, ValueError) as fault:
        raise UserError(f"{path} is no adapter configuration: {fault}.", next_step=RETRAIN) from fault
    return config


def _cannot_merge(config: dict[str, Any]) -> str | None:
    """Why this adapter is no plain LoRA, as the end of a sentence about it."""
    start = str(config.get("init_lora_weights", True)).lower()
    faults = {
        f"is of type {config.get('peft_type')}": config.get("peft_type", "LORA") != "LORA",
        "trains biases": config.get("bias", "none") != "none" or config.get("lora_bias"),
        "trains whole modules (modules_to_save)": config.get("modules_to_save"),
        "trains single tokens (trainable_token_indices)": config.get("trainable_token_indices"),
        "has a rank or alpha per layer": config.get("rank_pattern") or config.get("alpha_pattern"),
        "stores its weights transposed (fan_in_fan_out)": config.get("fan_in_fan_out"),
        f"started from {start}, which changes the base": start.startswith(("pissa", "olora", "loftq", "corda")),
    }
    return next((words for words, is_so in faults.items() if is_so), None)


def _pairs(folder: Path, tensors: dict[str, torch.Tensor]) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    downs = {key for key in tensors if key.endswith(DOWN)}
    expected = downs | {key.removesuffix(DOWN) + UP for key in downs}
    if not downs or expected != tensors.keys():
        odd = min(expected ^ tensors.keys(), default="no weights at all")
        raise UserError(f"The adapter in {folder} holds {odd}, not only pairs of LoRA weights.", next_step=RETRAIN)
    return {
        _base_name(key, DOWN): (
            tensors[key].float(),
            tensors[key.removesuffix(DOWN) + UP].float(),
        )
        for key in sorted(downs)
    }
