"""A LoRA adapter (arXiv 2106.09685) put on a model by PEFT, its numbers in one flat tensor, its files plain PEFT.

If asked, its scale is rank-stabilised (arXiv 2312.03732), or its weights are decomposed (DoRA, arXiv 2402.09353).
Not covered: adapters on the embeddings or the output head, which packed training refuses.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import Tensor

from loresmith.artifact import write_whole
from loresmith.errors import UserError
from loresmith.models.weights import quiet
from loresmith.recipe import TrainConfig

HEADS = {"lm_head", "embed_tokens", "wte", "embed_in", "embed_out"}


class Adapter:
    """The trained part of a network."""

    def __init__(self, fitted: Any, base_name: str) -> None:
        self._fitted, self._base_name = fitted, base_name
        self.network = fitted.get_base_model()
        """The base with the adapter's layers in place."""
        trained = [weights for _, weights in sorted(fitted.named_parameters()) if weights.requires_grad]
        self.weights, self.gradient = flattened(trained)
        self.decayed = self.weights.numel()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Nothing to prepare: base and adapter have the precision they compute in."""
        yield

    def save(self, folder: Path) -> None:
        """Leave both files of a PEFT adapter in `folder`; the same adapter gives the same bytes."""
        config = self._fitted.peft_config["default"].to_dict()
        config["base_model_name_or_path"] = self._base_name
        config["inference_mode"] = True
        config["target_modules"] = sorted(config["target_modules"])  # a set, whose order changes from run to run
        write_whole(folder / "adapter_config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")
        state = get_peft_model_state_dict(self._fitted, save_embedding_layers=False)
        whole = {name: weights.detach().to("cpu", copy=True).contiguous() for name, weights in sorted(state.items())}
        beside = folder / ".adapter_model.safetensors.new"
        save_file(whole, beside, metadata={"format": "pt"})
        beside.replace(folder / "adapter_model.safetensors")

    def base(self) -> Any | None:
        """The network without the adapter; its own weights were frozen."""
        return self._fitted.unload()

    @property
    def peft_model(self) -> Any:
        """Base and adapter as PEFT holds them, for an engine that has its own loop."""
        return self._fitted


def attach(network: Any, config: TrainConfig, base_name: str) -> Adapter:
    """A fresh adapter on `network`, which is changed in place; its first numbers depend on `config.seed` alone.

    Raises:
        UserError: `target_modules` names layers that the model does not have, or its embeddings or head.
    """
    targets = config.target_modules if config.target_modules == "all-linear" else list(config.target_modules)
    if heads := sorted(HEADS & set(targets)):
        raise UserError(
            f"train.target_modules names {', '.join(heads)}; embeddings and heads are not adapted here.",
            next_step="Use `all-linear`, or name linear layers inside the blocks (q_proj, v_proj, ...).",
        )
    wanted = LoraConfig(
        r=config.r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        use_rslora=config.use_rslora,
        use_dora=config.use_dora,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
    )
    try:
        devices = [network.device] if network.device.type == "cuda" else []
        with quiet(), torch.random.fork_rng(devices=devices):
            torch.manual_seed(config.seed)
            fitted = get_peft_model(network, wanted)
    except ValueError as fault:
        linear = sorted({n.rpartition(".")[2] for n, m in network.named_modules() if isinstance(m, torch.nn.Linear)})
        raise UserError(
            f"train.target_modules ({config.target_modules}) does not fit {base_name}.",
            next_step=f"Choose among {', '.join(linear)}, or `all-linear`.",
        ) from fault
    return Adapter(fitted, base_name)


def flattened(trained: list[torch.nn.Parameter]) -> tuple[torch.nn.Parameter, Tensor]:
    """One tensor with all numbers and one for their gradient; the layers keep views into both.

    The optimizer then does one operation where it would do 84 (six layers of seven linears), and a checkpoint is one
    tensor.
    """
    flat = torch.nn.Parameter(torch.cat([weights.detach().reshape(-1) for weights in trained]))
    gradient = torch.zeros_like(flat)
    start = 0
    for weights in trained:
        stop = start + weights.numel()
        weights.data = flat.data[start:stop].view_as(weights)
        weights.grad = gradient[start:stop].view_as(weights)
        start = stop
    flat.grad = gradient
    return flat, gradient
