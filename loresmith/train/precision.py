"""In which numbers to compute on this processor: found by a race of a few milliseconds, not by its flags.

A processor may know bfloat16 and still be slow at it, and torch's float32 products may be twice as fast by another
library at the same accuracy. So the products that training consists of are timed, and what wins clearly is taken; a
close race stays with float32, so that the same machine decides alike each time. On a GPU nothing is to be decided.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from loresmith.artifact import write_whole
from loresmith.sizing import timing

NAME = "precision.json"

ROWS = 256
LARGEST = 1024, 2816
"""Tokens, and the most columns, of the products that are timed: larger ones tell nothing more and take longer."""
SECONDS = 0.02
FEWEST = 5
"""Rounds, however long they take."""
CLEARLY = 1.3
"""So many times faster a way has to be."""
SMALLEST = 128
"""Networks less wide spend their time elsewhere."""
EXACT = 1e-5
"""Relative error up to which a product still counts as float32 (its own rounding: 1e-7 to 1e-6)."""


@dataclass(frozen=True)
class Precision:
    """How a network is held and its products are computed."""

    dtype: str = "float32"
    """Of the frozen weights and the activations; what is trained is always float32."""
    matmul: str = "highest"
    """torch's `set_float32_matmul_precision`."""


def settled(folder: Path, dtype: str, width: int, inner: int) -> Precision:
    """The precision that a run in `folder` began with, or else `chosen`, written down for those that go on with it."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if kept.pop("asked") == dtype:
            return Precision(**kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    found = chosen(dtype, width, inner)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / NAME, json.dumps({"asked": dtype, **asdict(found)}))
    return found


def chosen(dtype: str, width: int, inner: int) -> Precision:
    """The precision for a network `width` wide with `inner` wide feed-forward blocks; a recipe's own wish wins."""
    if dtype != "auto" or torch.cuda.is_available() or width < SMALLEST:
        return Precision(dtype)
    return fastest(*_race(width, inner))


def fastest(plain: float, other: float, half: float) -> Precision:
    """The way that wins clearly, by seconds: plain float32, the other way of float32 (inf if inexact), bfloat16."""
    matmul, best = ("medium", other) if other * CLEARLY < plain else ("highest", plain)
    return Precision("bfloat16") if half * CLEARLY < best else Precision("float32", matmul)


@contextmanager
def applied(precision: Precision) -> Iterator[None]:
    """Torch computes float32 products as `precision` says; afterwards as before."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision.matmul)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _race(width: int, inner: int) -> tuple[float, float, float]:
    """Seconds of one product each way, on one thread: threads that wait for each other would be timed as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _timed(min(width, LARGEST[0]), min(inner, LARGEST[1]))
    finally:
        torch.set_num_threads(threads)


def _timed(width: int, inner: int) -> tuple[float, float, float]:
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.randn(rows, width, generator=generator) for rows in (ROWS, inner))
    halves = left.bfloat16(), right.bfloat16()

    def product(way: Precision) -> Tensor:
        if way.dtype == "bfloat16":
            return halves[0] @ halves[1].t()
        with applied(way):
            return left @ right.t()

    ways = Precision(), Precision(matmul="medium"), Precision("bfloat16")
    with torch.no_grad():
        exact, found, _ = (product(way) for way in ways)  # the first time sets things up
        plain, other, half = timing.shortest([partial(product, way) for way in ways], SECONDS, FEWEST)
    if float((found - exact).norm() / exact.norm()) > EXACT:
        other = float("inf")
    return plain, other, half
