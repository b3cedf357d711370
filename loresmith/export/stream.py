"""The tensors of a GGUF file, one after the other: blocks of rows merged and quantised by several threads, in order.

The threads never wait at the end of a tensor: blocks of the next are handed out before the last of this one is
written. Only a few blocks are in memory at a time, and the bytes do not depend on how many threads there are.
"""

import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from loresmith.export import ggml
from loresmith.export.gguf_file import Planned, padding
from loresmith.export.journal import Journal
from loresmith.export.layout import Layout, row_order
from loresmith.models import merging
from loresmith.models.merging import MergedWeights
from loresmith.models.threads import usable_cores

Encoded = bytes | memoryview
# Blocks that wait for a thread, or to be written, for each thread.
WAITING = 8
# A weight of a block in work: the stored, the merged, the rounded and the quantised one, all of them at once.
BYTES_PER_WEIGHT = 16


@dataclass(frozen=True)
class Ingredients:
    """What the tensors of a file are made of."""

    weights: MergedWeights
    layout: Layout
    importance: Mapping[str, torch.Tensor]
    """GGUF tensor name to how much an error in each column costs; tensors without go by llama.cpp's own guess."""


@dataclass(frozen=True)
class _Block:
    """Some rows of a tensor."""

    tensor: Planned
    rows: slice | torch.Tensor
    is_last: bool


def memory_bytes() -> int:
    """What `append` takes beyond the mapped files and the adapter."""
    return (usable_cores() * BYTES_PER_WEIGHT + WAITING * usable_cores()) * merging.BLOCK_WEIGHTS


def append(path: Path, planned: Sequence[Planned], made_of: Ingredients) -> Iterator[Planned]:
    """`path`, which ends where the first of `planned` begins, holds them all; yields each when it is written and noted.

    Raises:
        UserError: a weight is not finite.
        OSError: the disk is full; what is written can be gone on with.
    """
    with path.open("ab") as file, Journal(path) as log, _threads() as pool:
        check = 0
        for block, encoded in _in_order(pool, planned, made_of):
            file.write(encoded)
            check = zlib.crc32(encoded, check)
            if block.is_last:
                file.write(padding(file.tell()))
                file.flush()
                log.note(block.tensor.name, file.tell(), check)
                check = 0
                yield block.tensor


def _in_order(
    pool: ThreadPoolExecutor, planned: Sequence[Planned], made_of: Ingredients
) -> Iterator[tuple[_Block, Encoded]]:
    """Every block with its bytes."""
    dtype = made_of.weights.sixteen_bit
    most = WAITING * usable_cores()
    waiting: deque[tuple[_Block, Future[Encoded]]] = deque()
    for block in _blocks(planned, made_of.weights, made_of.layout):
        waiting.append((block, pool.submit(_encoded, block, made_of, dtype)))
        if len(waiting) > most:
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


def _blocks(planned: Sequence[Planned], weights: MergedWeights, layout: Layout) -> Iterator[_Block]:
    for tensor in planned:
        if tensor.source is None:
            yield _Block(tensor, slice(None), is_last=True)
            continue
        rows = list(weights.parts(tensor.source, row_order(tensor.name, tensor.shape[0], layout)))
        for place, part in enumerate(rows, 1):
            yield _Block(tensor, part, is_last=place == len(rows))


def _encoded(block: _Block, made_of: Ingredients, dtype: torch.dtype) -> Encoded:
    tensor = block.tensor
    if tensor.source is None:
        merged = torch.tensor([made_of.layout.rope_factors])
    else:
        merged = made_of.weights.block(tensor.source, block.rows, dtype)
    return ggml.encode(merged, tensor.kind, tensor.name, made_of.importance.get(tensor.name))


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """A pool whose threads compute alone: torch's own threads in each of them would fight for the same processors."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(usable_cores(), "quantise")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)
