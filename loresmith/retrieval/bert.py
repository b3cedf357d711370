"""The forward pass of a BERT encoder (arXiv 1810.04805), straight from a safetensors file.

Written out on torch alone because importing transformers' BERT costs seconds before the first question is answered.

Not covered: dropout (this never trains), the pooler, cross-attention, segment ids other than 0.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn import functional

from loresmith.retrieval.engine import broken_model


@dataclass(frozen=True)
class Shape:
    """What the pass needs to know beside the weights."""

    layers: int
    heads: int
    epsilon: float


class Bert:
    """Token ids to one vector per token."""

    def __init__(self, folder: Path) -> None:
        """Load `config.json` and `model.safetensors`.

        Raises:
            MachineError: a file is missing or damaged.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._weights: dict[str, torch.Tensor] = load_file(str(folder / "model.safetensors"))
            self._shape = Shape(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"])
            self.width: int = config["hidden_size"]
        except (OSError, ValueError, KeyError, SafetensorError) as fault:
            raise broken_model(folder, fault) from fault

    @torch.inference_mode()
    def tokens(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Vectors of shape (batch, time, width); `mask` is False at padding, both inputs have shape (batch, time)."""
        weights = self._weights
        places = weights["embeddings.position_embeddings.weight"][: ids.shape[1]]  # (time, width)
        hidden = weights["embeddings.word_embeddings.weight"][ids] + places
        hidden = hidden + weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._normalised(hidden, "embeddings.LayerNorm")
        visible = mask[:, None, None, :]  # (batch, 1, 1, time): every token sees all that is no padding
        for layer in range(self._shape.layers):
            name = f"encoder.layer.{layer}"
            seen = self._attended(hidden, visible, name)
            hidden = self._normalised(hidden + seen, f"{name}.attention.output.LayerNorm")
            wide = functional.gelu(self._linear(hidden, f"{name}.intermediate.dense"))
            hidden = self._normalised(hidden + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return hidden

    def _attended(self, hidden: torch.Tensor, visible: torch.Tensor, name: str) -> torch.Tensor:
        batch, time, width = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{name}.attention.self.{part}")
            .view(batch, time, self._shape.heads, width // self._shape.heads)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        return self._linear(mixed.transpose(1, 2).reshape(batch, time, width), f"{name}.attention.output.dense")

    def _linear(self, hidden: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(hidden, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normalised(self, hidden: torch.Tensor, name: str) -> torch.Tensor:
        scale, shift = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(hidden, scale.shape, scale, shift, self._shape.epsilon)


class TorchBert:
    """The same pass as an engine: arrays in and out."""

    def __init__(self, folder: Path) -> None:
        """Load the model in `folder`; raises as `Bert` does."""
        self._bert = Bert(folder)

    def tokens(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Vectors of shape (batch, time, width); `mask` is False at padding, both inputs have shape (batch, time)."""
        found: NDArray[np.float32] = self._bert.tokens(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        return found

    @torch.inference_mode()
    def pooled(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The mean over the tokens of each text that are no padding, at length 1; shape (batch, width)."""
        seen = torch.from_numpy(mask)
        hidden = self._bert.tokens(torch.from_numpy(ids), seen)
        weights = seen.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1)
        found: NDArray[np.float32] = functional.normalize(mean, dim=1).numpy()
        return found
