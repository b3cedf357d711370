"""The forward pass of a BERT encoder (arXiv 1810.04805) as an OpenVINO graph, built from the same safetensors file.

Written out operation by operation, so that nothing is exported, downloaded or converted first, and torch is not
imported. On a CPU with bfloat16 arithmetic OpenVINO uses it: vectors differ from those of 32 bits by 1e-4 in cosine.

Not covered: dropout, the pooler, cross-attention, segment ids other than 0, devices other than the CPU.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as ops
from safetensors import SafetensorError
from safetensors.numpy import load_file

from loresmith.retrieval.engine import broken_model

STEP = 16
"""Texts are padded to multiples of so many tokens: code for each new length costs 3 ms once."""

Floats = NDArray[np.float32]


class OpenVinoBert:
    """Token ids to one vector per token and one per text, on one thread."""

    def __init__(self, folder: Path) -> None:
        """Load `config.json` and `model.safetensors`, and compile the graph for this CPU.

        Raises:
            MachineError: a file is missing or damaged.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            graph = _Graph(load_file(folder / "model.safetensors"), config).model()
        except (OSError, ValueError, KeyError, SafetensorError) as fault:
            raise broken_model(folder, fault) from fault
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        self._lock = threading.Lock()
        self._request = openvino.Core().compile_model(graph, "CPU", settings).create_infer_request()

    def tokens(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> Floats:
        """Vectors of shape (batch, time, width); `mask` is False at padding, both inputs have shape (batch, time)."""
        return self._run(ids, mask)[0][:, : ids.shape[1]]

    def pooled(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> Floats:
        """The mean over the tokens of each text that are no padding, at length 1; shape (batch, width)."""
        return self._run(ids, mask)[1]

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        spare = ((0, 0), (0, -ids.shape[1] % STEP))
        ids, mask = np.pad(ids, spare), np.pad(mask, spare)
        with self._lock:  # a request answers one caller at a time
            self._request.infer([ids, mask])
            outputs = [self._request.get_output_tensor(number).data.copy() for number in (0, 1)]
        return outputs[0], outputs[1]


class _Graph:
    """Builds the nodes; names are those of the weights."""

    def __init__(self, weights: Mapping[str, Any], config: Mapping[str, Any]) -> None:
        self._weights = weights
        self._layers: int = config["num_hidden_layers"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config["layer_norm_eps"]
        self._width: int = config["hidden_size"]

    def model(self) -> openvino.Model:
        """Inputs ids and mask, outputs (batch, time, width) and (batch, width)."""
        ids = ops.parameter([-1, -1], np.int64, "ids")
        mask = ops.parameter([-1, -1], np.bool_, "mask")
        hidden = self._normalised(self._embedded(ids), "embeddings.LayerNorm")
        visible = ops.unsqueeze(mask, [1, 2])  # (batch, 1, 1, time): every token sees all that is no padding
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            seen = self._attended(hidden, visible, name)
            hidden = self._normalised(ops.add(hidden, seen), f"{name}.attention.output.LayerNorm")
            wide = ops.gelu(self._linear(hidden, f"{name}.intermediate.dense"), "erf")
            hidden = ops.add(hidden, self._linear(wide, f"{name}.output.dense"))
            hidden = self._normalised(hidden, f"{name}.output.LayerNorm")
        counted = ops.unsqueeze(ops.convert(mask, "f32"), [2])  # (batch, time, 1)
        total = ops.reduce_sum(ops.multiply(hidden, counted), [1])
        mean = ops.divide(total, ops.reduce_sum(counted, [1]))
        pooled = ops.normalize_l2(mean, [1], 1e-24, "max")
        return openvino.Model([hidden, pooled], [ids, mask], "bert")

    def _embedded(self, ids: Any) -> Any:
        time = ops.gather(ops.shape_of(ids), [1], 0)
        places = ops.slice(self._constant("embeddings.position_embeddings.weight"), [0], time, [1], [0])
        words = ops.gather(self._constant("embeddings.word_embeddings.weight"), ids, 0)  # (batch, time, width)
        segment = ops.constant(self._weights["embeddings.token_type_embeddings.weight"][0])
        return ops.add(ops.add(words, places), segment)

    def _attended(self, hidden: Any, visible: Any, name: str) -> Any:
        query, key, value = (
            ops.transpose(
                ops.reshape(
                    self._linear(hidden, f"{name}.attention.self.{part}"),
                    [0, 0, self._heads, self._width // self._heads],
                    special_zero=True,
                ),
                [0, 2, 1, 3],
            )
            for part in ("query", "key", "value")
        )
        mixed = ops.scaled_dot_product_attention(query, key, value, visible)
        joined = ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), [0, 0, self._width], special_zero=True)
        return self._linear(joined, f"{name}.attention.output.dense")

    def _linear(self, hidden: Any, name: str) -> Any:
        product = ops.matmul(hidden, self._constant(f"{name}.weight"), False, True)
        return ops.add(product, self._constant(f"{name}.bias"))

    def _normalised(self, hidden: Any, name: str) -> Any:
        scaled = ops.mvn(hidden, [2], True, self._epsilon, "inside_sqrt")
        return ops.add(ops.multiply(scaled, self._constant(f"{name}.weight")), self._constant(f"{name}.bias"))

    def _constant(self, name: str) -> Any:
        return ops.constant(self._weights[name])
