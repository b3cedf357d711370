"""A base model with an adapter merged into it, read a block of rows at a time from memory-mapped shards.

The base stays on disk: of a 3B model never more than a few blocks of about 4 MB are in memory. Covers bases stored as
safetensors in float32, float16 or bfloat16. Not covered, and refused: quantised bases (merging into 4-bit weights
loses what was learned; name the 16-bit base instead) and pickled weights.

The sum is taken in float32 and rounded once. Its precision is the base's own where that has 16 bits, and float16
where it is stored wider: that *merged 16-bit model* is what an exported file is made from and examined against.
"""

import json
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from loresmith.errors import MachineError, UserError
from loresmith.models.lora_weights import NO_UPDATE, LoraWeights

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
# 1 M weights: 4 MB as float32, which stay in a core's cache from the sum to the quantiser.
BLOCK_WEIGHTS = 1 << 20
STORED = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_CODES = {dtype: code for code, dtype in STORED.items()}


class MergedWeights:
    """The tensors of a base folder with an adapter's updates added. Use as a context: it holds the shards open."""

    def __init__(self, base: Path, lora: LoraWeights = NO_UPDATE) -> None:
        self.base, self.lora = base, lora
        self.shards = shards(base)
        self._open: dict[Path, Any] = {}
        self._files = ExitStack()

    def __enter__(self) -> "MergedWeights":
        try:
            for shard in dict.fromkeys(self.shards.values()):
                self._open[shard] = self._files.enter_context(safe_open(shard, framework="pt"))
            self._check()
        except (OSError, SafetensorError) as fault:
            self._files.close()
            raise UserError(
                f"The weights in {self.base} cannot be read: {fault}.", next_step="Fetch or copy the base model again."
            ) from fault
        except UserError:
            self._files.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a tensor; (rows, columns) for a matrix."""
        return tuple(self._slice(name).get_shape())

    def stored(self, name: str) -> torch.dtype:
        """The precision in which the base stores a tensor."""
        return STORED[self._slice(name).get_dtype()]

    @property
    def sixteen_bit(self) -> torch.dtype:
        """The precision of the merged 16-bit model: bfloat16 where the base's matrices have it, float16 otherwise."""
        matrices = {self.stored(name) for name in self.shards if len(self.shape(name)) > 1}
        return torch.bfloat16 if matrices == {torch.bfloat16} else torch.float16

    def blocks(self, name: str, dtype: torch.dtype, order: torch.Tensor | None = None) -> Iterator[torch.Tensor]:
        """The merged tensor from the first row to the last in blocks of shape (rows, columns); a vector is one row.

        Args:
            name: As the base calls it.
            dtype: What the sum is rounded to.
            order: Which row comes where, for layouts that store rows in another order; `None` keeps them.
        """
        for rows in self.parts(name, order):
            yield self.block(name, rows, dtype)

    def parts(self, name: str, order: torch.Tensor | None = None) -> Iterator[slice | torch.Tensor]:
        """Which rows make each block of `blocks`; entries, for a vector, which is one part."""
        shape = self.shape(name)
        step = shape[0] if len(shape) == 1 else max(1, BLOCK_WEIGHTS // shape[1])
        for start in range(0, shape[0], step):
            yield slice(start, min(start + step, shape[0])) if order is None else order[start : start + step]

    def block(self, name: str, rows: slice | torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """One block; may be called from several threads at once."""
        source = self._slice(name)
        if len(source.get_shape()) == 1:
            vector: torch.Tensor = source[:][rows].float().to(dtype)
            return vector.reshape(1, -1)
        return self._merged(name, source, rows).to(dtype)

    def _merged(self, name: str, source: Any, rows: slice | torch.Tensor) -> torch.Tensor:
        """These rows in float32. Rows in another order lie close together: their span is read, then picked from."""
        if isinstance(rows, slice):
            stored: torch.Tensor = source[rows.start : rows.stop]
        else:
            low, high = int(rows.min()), int(rows.max()) + 1
            stored = source[low:high][rows - low]
        return self.lora.added(name, stored, rows)

    def _slice(self, name: str) -> Any:
        return self._open[self.shards[name]].get_slice(name)

    def _check(self) -> None:
        for name in self.shards:
            code = self._slice(name).get_dtype()
            if code not in STORED:
                raise UserError(
                    f"{self.base} stores {name} as {code}: a quantised base cannot take an adapter.",
                    next_step="Name the 16-bit model that it was quantised from as model.base.",
                )
        for name, (down, up) in self.lora.pairs.items():
            if name not in self.shards:
                raise UserError(
                    f"The adapter changes {name}, which the base in {self.base} does not have.",
                    next_step="Export with the base that the adapter was trained on.",
                )
            if self.shape(name) != (len(up), down.shape[1]):
                raise UserError(
                    f"The adapter's {name} is {len(up)} x {down.shape[1]}, the base's {self.shape(name)}.",
                    next_step="Export with the base that the adapter was trained on.",
                )


def shards(base: Path) -> dict[str, Path]:
    """Each tensor's file, in the order of the base folder.

    Raises:
        UserError: the folder holds no safetensors, or its index cannot be read.
    """
    try:
        if (base / INDEX).is_file():
            where = json.loads((base / INDEX).read_text(encoding="utf-8"))["weight_map"]
            return {name: base / file for name, file in where.items()}
        with safe_open(base / SINGLE, framework="pt") as file:
            return dict.fromkeys(file.keys(), base / SINGLE)
    except (OSError, SafetensorError, ValueError, KeyError, AttributeError) as fault:
        raise UserError(
            f"{base} holds no readable {SINGLE} or {INDEX}: {fault}.",
            next_step="Name a model folder with safetensors as model.base; pickled weights are never read.",
        ) from fault


def merge_to_folder(
    base: Path,
    lora: LoraWeights,
    target: Path,
    *,
    dtype: Callable[[MergedWeights], torch.dtype] | None = None,
) -> Iterator[str]:
    """`target` is a model folder with the update inside, in the base's shards; yields each tensor's name when written.

    Args:
        base: A model folder.
        lora: What to add.
        target: Made if missing; holds the base's small files (configuration, tokenizer, template) too.
        dtype: Chooses the precision; without it every tensor keeps its own.

    Raises:
        MachineError: there is too little space on the disk.
        UserError: the base cannot be read or does not fit the adapter.
    """
    with MergedWeights(base, lora) as weights:
        chosen = dtype(weights) if dtype else None
        target.mkdir(parents=True, exist_ok=True)
        require_space(target, sum(_bytes(weights, name, chosen) for name in weights.shards))
        for file in sorted(base.iterdir()):
            if file.suffix in (".json", ".jinja", ".txt", ".model") and file.is_file():
                shutil.copyfile(file, target / file.name)
        if chosen is not None:
            _note_precision(target / "config.json", chosen)
        for shard in dict.fromkeys(weights.shards.values()):
            names = [name for name, file in weights.shards.items() if file == shard]
            yield from _write_shard(weights, names, target / shard.name, chosen)


def require_space(folder: Path, size_bytes: int) -> None:
    """Raise `MachineError` when fewer than `size_bytes` are free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes:
        raise MachineError(
            f"{size_bytes / 1e6:.0f} MB are needed in {folder}, {free / 1e6:.0f} MB are free.",
            next_step="Free some space, or choose another folder with --project.",
        )


def _write_shard(weights: MergedWeights, names: list[str], path: Path, dtype: torch.dtype | None) -> Iterator[str]:
    """One safetensors file (length, JSON header, tensors back to back), written as a stream."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in names:
        start, end = end, end + _bytes(weights, name, dtype)
        code = _CODES[dtype or weights.stored(name)]
        header[name] = {"dtype": code, "shape": list(weights.shape(name)), "data_offsets": [start, end]}
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        for name in names:
            for block in weights.blocks(name, dtype or weights.stored(name)):
                file.write(block.contiguous().view(torch.uint8).numpy().data)
            yield name


def _bytes(weights: MergedWeights, name: str, dtype: torch.dtype | None) -> int:
    count = 1
    for side in weights.shape(name):
        count *= side
    return count * (dtype or weights.stored(name)).itemsize


def _note_precision(path: Path, dtype: torch.dtype) -> None:
    """Let `config.json` name the precision that the weights now have."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("torch_dtype", None)
    config["dtype"] = str(dtype).removeprefix("torch.")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
