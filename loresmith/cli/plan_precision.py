"""In which numbers a training would compute, here or on a machine that is only described, and how fast that is here."""

from dataclasses import dataclass

from loresmith.models.weights import precision as torch_type
from loresmith.recipe import TrainConfig
from loresmith.sizing.machine import rate
from loresmith.sizing.memory import Device
from loresmith.sizing.shape import Shape
from loresmith.train import precision


@dataclass(frozen=True)
class Way:
    """How products are computed."""

    dtype: str
    because: str
    """Why so, in a few words; empty where it was asked for."""
    matmul: str = "highest"
    """torch's `set_float32_matmul_precision`."""


def here(dtype: str, shape: Shape, train: TrainConfig, device: Device) -> Way:
    """What training would take on this machine for a recipe's `dtype`; on a CPU it races too (`train.precision`)."""
    races = train.trainer == "peft"  # the other engines do not
    found = precision.chosen(dtype, shape.hidden, shape.inner) if races else precision.Precision(dtype)
    if train.method == "full":
        return Way(_named("auto"), _of_full(device), found.matmul)
    raced = dtype == "auto" and found.dtype != "auto"
    return Way(_named(found.dtype), "won a race of matrix products here" if raced else "", found.matmul)


def elsewhere(dtype: str, shape: Shape, train: TrainConfig, device: Device) -> Way:
    """What it would probably take on a machine that is not here."""
    likely = "float32" if device == "cpu" else "bfloat16"
    if train.method == "full":
        return Way(likely, _of_full(device))
    if dtype != "auto":
        return Way(dtype, "")
    return Way(likely, "assumed; training races there" if device == "cpu" else "assumed; float16 where a card lacks it")


def speed(way: Way, device: Device) -> float:
    """Operations a second of matrix products that way, on this machine."""
    with precision.applied(precision.Precision(way.dtype, way.matmul)):
        return rate(way.dtype, device)


def _of_full(device: Device) -> str:
    return "full training trains no other weights" if device == "cpu" else "products; the weights are in float32"


def _named(dtype: str) -> str:
    return str(torch_type(dtype)).removeprefix("torch.")
