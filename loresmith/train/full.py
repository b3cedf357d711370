"""Full fine-tuning: every weight of the network is trained, and the result is a whole model folder.

Weights, gradients and both averages of Adam are float32 (16 bytes a weight; 10 with `adamw_8bit`), since steps of full
fine-tuning are smaller than bfloat16 can add; on a GPU the arithmetic between them is bfloat16. The folder has the
base's own files and the precision that the base is stored in, rounded once.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from loresmith.errors import UserError
from loresmith.models.merging import MergedWeights
from loresmith.models.weights import precision
from loresmith.train.lora import flattened

RECOMPUTED = ".rotary_emb.inv_freq"
"""Old files store these; they follow from the configuration."""
TIED_HEAD = "lm_head.weight"


class FullWeights:
    """All weights of a network as the trained part; the same door as `lora.Adapter`."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self._base = Path(network.name_or_path)
        self._stored = _stored(self._base)
        named = dict(network.named_parameters())
        _require_same(self._stored, named, network)
        network.requires_grad_(True)
        matrices = [weights for _, weights in sorted(named.items()) if weights.dim() > 1]
        vectors = [weights for _, weights in sorted(named.items()) if weights.dim() == 1]
        self.weights, self.gradient = flattened([*matrices, *vectors])
        self.decayed = sum(weights.numel() for weights in matrices)
        """So many numbers, the first ones, are pulled towards zero; norms and biases are not, as in transformers."""

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Inside the block a GPU multiplies in 16 bits; a CPU keeps float32."""
        if self.network.device.type != "cuda":
            yield
            return
        with torch.autocast("cuda", dtype=precision("auto")):
            yield

    def save(self, folder: Path) -> None:
        """Leave a model folder in `folder`, in the shards and the precision of the base; same weights, same bytes."""
        for file in sorted(self._base.iterdir()):
            if file.suffix in (".json", ".jinja", ".txt", ".model") and file.is_file():
                shutil.copyfile(file, folder / file.name)
        named = dict(self.network.named_parameters())
        with MergedWeights(self._base) as base:
            for shard in dict.fromkeys(base.shards.values()):
                names = [name for name, file in base.shards.items() if file == shard and name in self._stored]
                tensors = {name: _as_stored(base, name, named.get(name, self._head())) for name in names}
                save_file(tensors, folder / f".{shard.name}.new", metadata={"format": "pt"})
                (folder / f".{shard.name}.new").replace(folder / shard.name)
        _note_origin(folder / "config.json")

    def base(self) -> Any | None:
        """Nothing: every weight is another."""
        return None

    def _head(self) -> torch.Tensor:
        head: torch.Tensor = self.network.get_output_embeddings().weight
        return head


def _stored(base: Path) -> tuple[str, ...]:
    with MergedWeights(base) as weights:
        return tuple(name for name in weights.shards if not name.endswith(RECOMPUTED))


def _as_stored(base: MergedWeights, name: str, weights: torch.Tensor) -> torch.Tensor:
    return weights.detach().to("cpu", base.stored(name), copy=True).contiguous()


def _require_same(stored: tuple[str, ...], named: dict[str, Any], network: Any) -> None:
    """The names on the disk have to be those of the network, or what is learned would be lost in saving."""
    tied = {TIED_HEAD} if network.config.tie_word_embeddings else set()
    if odd := sorted((set(stored) ^ named.keys()) - tied):
        raise UserError(
            f"train.method: full does not know this model's layout ({odd[0]} has no counterpart).",
            next_step="Use train.method: lora, or a model of the llama, qwen2 or qwen3 layout.",
        )


def _note_origin(path: Path) -> None:
    """No path of this machine stays in the configuration."""
    config = json.loads(path.read_text(encoding="utf-8"))
    if config.pop("_name_or_path", None) is not None:
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
