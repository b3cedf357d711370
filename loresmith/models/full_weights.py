"""Models whose every weight was trained: a model folder that stands where otherwise an adapter does.

Base and tuned model have the same network, so one network is enough: asked for the base it takes the base's weights
from the disk, and the tuned ones again after. Not covered: switching between tokens of one answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from loresmith.errors import UserError
from loresmith.models import lora_weights
from loresmith.models.lora_weights import NO_UPDATE, LoraWeights
from loresmith.models.merging import shards


@dataclass(frozen=True)
class Tuned:
    """What training left, in the terms of merging: a folder of weights, and what is added to them."""

    weights: Path
    lora: LoraWeights

    @property
    def is_full(self) -> bool:
        """Whether every weight was trained, so that nothing is added."""
        return self.lora is NO_UPDATE


def is_full(folder: Path) -> bool:
    """Whether `folder` holds a whole tuned model, and no adapter."""
    return (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file()


def tuned(base: Path, folder: Path) -> Tuned:
    """The weights that training on `base` left in `folder`.

    Raises:
        UserError: there is neither an adapter that can be merged nor a whole model.
    """
    return Tuned(folder, NO_UPDATE) if is_full(folder) else Tuned(base, lora_weights.read(folder))


class SwitchedWeights:
    """A loaded network that can show the base's weights instead of the tuned ones.

    Reading them takes seconds, so they change when the network is next used, not at each end of a block.
    """

    def __init__(self, network: Any, base: Path, folder: Path) -> None:
        self._network, self._base, self._folder = network, base, folder
        self._shown = self._wanted = folder

    @contextmanager
    def without(self) -> Iterator[None]:
        """Inside the block the network is to be the base."""
        self._wanted = self._base
        try:
            yield
        finally:
            self._wanted = self._folder

    def show(self) -> None:
        """The network has the weights that are wanted now."""
        if self._shown != self._wanted:
            _take(self._network, self._wanted)
            self._shown = self._wanted


@torch.no_grad()
def _take(network: Any, folder: Path) -> None:
    """Put the weights in `folder` into `network`, a tensor at a time.

    Raises:
        UserError: they cannot be read or are not those of this network.
    """
    named = dict(network.named_parameters())
    try:
        found = shards(folder)
        for shard in dict.fromkeys(found.values()):
            with safe_open(shard, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 (no mapping)
                    if name in named:
                        named[name].copy_(file.get_tensor(name))
    except (OSError, SafetensorError, RuntimeError) as fault:
        raise UserError(
            f"The weights in {folder} do not fit the model: {str(fault).splitlines()[0]}",
            next_step="Train again with `loresmith train`.",
        ) from fault
    if missing := sorted(named.keys() - found.keys()):
        raise UserError(f"{folder} lacks {missing[0]}.", next_step="Train again with `loresmith train`.")
