"""The importance matrix: how strongly each column of each matrix is driven, so that those columns are rounded best.

What llama.cpp's `llama-imatrix` collects and `llama-quantize --imatrix` applies: the mean over tokens of the squared
inputs of a column (its sum and the number of tokens in a GGUF file). As there, only the matrices of the layers have
one; embedding and head are quantised without. Q8_0 and the types that are not quantised take none.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader, GGUFWriter

from loresmith.export.gguf_file import Planned
from loresmith.export.mixture import TensorType

DATASET = "train.jsonl"
"""The split's training questions, as a GGUF file names what a matrix was measured on."""
SUMS, COUNTS = ".in_sum2", ".counts"
ORIGIN = "loresmith.origin"
WEIGHED: tuple[TensorType, ...] = ("Q4_K", "Q5_K", "Q6_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1")
"""Types whose rounding asks which columns matter."""
# Other versions could compute other sums from the same weights and texts.
MATTERED = ("gguf", "torch", "transformers")


@dataclass(frozen=True)
class Importance:
    """A measured matrix."""

    columns: Mapping[str, torch.Tensor]
    """GGUF tensor name to the mean squared input of each column, shape (columns,), float32."""
    tokens: int
    texts: int
    digest: str
    """The same only for the same numbers; empty where there are none."""


NONE = Importance({}, 0, 0, "")


def weighs(tensor: Planned) -> bool:
    """Whether an importance matrix changes the bytes of `tensor`."""
    return tensor.name.startswith("blk.") and tensor.kind in WEIGHED


def describe(writer: GGUFWriter, used: Importance) -> None:
    """The keys by which `llama-quantize` says that a matrix was used, added to `writer`; nothing for `NONE`."""
    if used.columns:
        writer.add_string("quantize.imatrix.dataset", DATASET)
        writer.add_uint32("quantize.imatrix.entries_count", len(used.columns))
        writer.add_uint32("quantize.imatrix.chunks_count", used.texts)


def origin(weights: str, texts: Sequence[Sequence[int]], computed: str) -> str:
    """Stands for all that a matrix depends on.

    Args:
        weights: Stands for base and adapter.
        texts: That are read.
        computed: Device and precision.
    """
    digest = hashlib.sha256(f"{weights} {computed} {[version(name) for name in MATTERED]}".encode())
    for text in texts:
        digest.update(np.asarray(text, dtype=np.int64).tobytes() + b"\n")
    return digest.hexdigest()


def save(path: Path, sums: Mapping[str, torch.Tensor], texts: Sequence[Sequence[int]], origin: str) -> None:
    """`path` is a matrix as llama.cpp reads it; present means whole.

    Args:
        path: A GGUF file.
        sums: GGUF tensor name to the sums of squares, shape (columns,).
        texts: That gave them.
        origin: Of `origin`.
    """
    tokens = sum(map(len, texts))
    unfinished = path.with_name(f"{path.name}.unfinished")
    writer = GGUFWriter(unfinished, "imatrix")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", [DATASET])
    writer.add_uint32("imatrix.chunk_count", len(texts))
    writer.add_uint32("imatrix.chunk_size", -(-tokens // len(texts)))
    writer.add_string(ORIGIN, origin)
    for name, total in sorted(sums.items()):
        writer.add_tensor(name + SUMS, total.float().numpy()[None])
        writer.add_tensor(name + COUNTS, np.array([[tokens]], dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.replace(path)


def is_of(path: Path, origin: str) -> bool:
    """Whether `path` holds the matrix of this origin."""
    if not path.is_file():
        return False
    field = GGUFReader(path).get_field(ORIGIN)
    return field is not None and field.contents() == origin


def read(path: Path) -> Importance:
    """The matrix in `path`, divided as `llama-quantize` divides it: float32 by float32."""
    reader = GGUFReader(path)
    stored = {tensor.name: np.array(tensor.data, dtype=np.float32).reshape(-1) for tensor in reader.tensors}
    names = sorted(name.removesuffix(SUMS) for name in stored if name.endswith(SUMS))
    columns = {name: stored[name + SUMS] / stored[name + COUNTS] for name in names}
    digest = hashlib.sha256()
    for name, means in columns.items():
        digest.update(name.encode() + means.tobytes())
    texts = reader.get_field("imatrix.chunk_count")
    return Importance(
        {name: torch.from_numpy(means) for name, means in columns.items()},
        int(max(stored[name + COUNTS][0] for name in names)),
        int(texts.contents()) if texts is not None else 0,
        digest.hexdigest(),
    )
