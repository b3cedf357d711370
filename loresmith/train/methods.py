"""The three ways of fine-tuning, behind one door: how the base is loaded, and what of it is trained.

`lora` and `qlora` train an adapter beside the frozen base, which `qlora` holds in NF4 (through bitsandbytes on a GPU
where that is installed, through `nf4` elsewhere); `full` trains every weight.
"""

import importlib
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from loresmith.models.locate import ModelSource
from loresmith.models.weights import device, load_model, precision
from loresmith.recipe import TrainConfig
from loresmith.train import lora, spreading, team
from loresmith.train.nf4 import Nf4Linear, frozen_linears


class Trained(Protocol):
    """The part of a network that learns."""

    network: Any
    weights: torch.nn.Parameter
    """All trained numbers, flat."""
    gradient: Tensor
    decayed: int
    """So many of the numbers, the first ones, feel weight decay."""

    def computing(self) -> AbstractContextManager[None]:
        """Inside the block the network computes in the precision that the method asks for."""
        ...

    def save(self, folder: Path) -> None:
        """Leave what was learned in `folder`."""
        ...

    def base(self) -> Any | None:
        """The network as it was before, for another course; `None` where training changed it. This one is over then."""
        ...


def opened(source: ModelSource, dtype: str, config: TrainConfig) -> Any:
    """The base as the method wants it: in its own precision, in float32 for `full`, its linears in 4 bits for `qlora`.

    With `spread_base` several processes hold it together.

    Raises:
        UserError: the base cannot be used.
        MachineError: memory does not suffice.
    """
    if config.method == "full":
        return load_model(source, "float32")
    is_spread = config.spread_base and team.present().size > 1
    if config.method == "lora" and not is_spread:
        return load_model(source, dtype)
    # on the CPU first: a card that holds the base in 4 bits, or its share of it, need not hold it in 16
    network = load_model(source, str(precision(dtype)).removeprefix("torch."), torch.device("cpu"))
    return spreading.spread(network, device()) if is_spread else in_four_bits(network, device())


def attach(network: Any, config: TrainConfig, name: str) -> Trained:
    """What is to learn of `network`, which is changed in place.

    Raises:
        UserError: the recipe's layers are not there, or the layout cannot be saved.
    """
    if config.method == "full":
        from loresmith.train.full import FullWeights

        return FullWeights(network)
    return lora.attach(network, config, name)


def in_four_bits(network: Any, place: torch.device) -> Any:
    """`network` on `place` with the linears of its blocks in NF4, one quantised after the other."""
    make = _bitsandbytes_linear if has_bitsandbytes(place) else _own_linear
    for parent, name, linear in frozen_linears(network):
        setattr(parent, name, make(linear, place))
    return network.to(place)


def held_in(network: Any, config: TrainConfig) -> str:
    """The precision of the base while it was trained on, in words for the report."""
    if config.method != "qlora":
        return str(network.dtype).removeprefix("torch.")
    made_by = "bitsandbytes" if has_bitsandbytes(network.device) else "torch"
    return f"nf4, double quantised ({made_by}); everything after training uses the 16-bit base"


def has_bitsandbytes(place: torch.device) -> bool:
    """Whether 4- and 8-bit arithmetic at `place` goes through bitsandbytes: on a GPU, where it is installed."""
    return place.type == "cuda" and find_spec("bitsandbytes") is not None


def _own_linear(linear: torch.nn.Linear, place: torch.device) -> torch.nn.Module:
    return Nf4Linear(linear.to(place))


def _bitsandbytes_linear(linear: torch.nn.Linear, place: torch.device) -> torch.nn.Module:
    bnb: Any = importlib.import_module("bitsandbytes")

    made: torch.nn.Module = bnb.nn.Linear4bit(
        linear.in_features, linear.out_features, bias=linear.bias is not None,
        compute_dtype=linear.weight.dtype, compress_statistics=True, quant_type="nf4", device="meta",
    )  # fmt: skip
    made.weight = bnb.nn.Params4bit(
        linear.weight.data, requires_grad=False, compress_statistics=True, quant_type="nf4", module=made
    )
    if linear.bias is not None:
        made.bias = linear.bias
    return made.to(place)  # the move quantises
