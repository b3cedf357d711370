import gguf
import numpy as np
import pytest
import torch

from loresmith.errors import UserError
from loresmith.export import ggml
from loresmith.export.mixture import TensorType


@pytest.fixture
def block() -> torch.Tensor:
    return torch.randn(6, 512, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("kind", ["BF16", "F16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
def test_the_library_gives_the_bytes_of_an_independent_quantiser(block: torch.Tensor, kind: TensorType) -> None:
    expected = gguf.quants.quantize(block.numpy(), gguf.GGMLQuantizationType[kind])
    assert bytes(ggml.encode(block, kind, "x")) == expected.tobytes()


@pytest.mark.parametrize(("kind", "error"), [("Q4_K", 0.09), ("Q5_K", 0.05), ("Q6_K", 0.03)])
def test_k_quants_come_back_close(block: torch.Tensor, kind: TensorType, error: float) -> None:
    raw = np.frombuffer(ggml.encode(block, kind, "x"), dtype=np.uint8).reshape(6, -1)
    back = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind])
    assert float(np.sqrt(((back - block.numpy()) ** 2).mean())) < error  # of weights with deviation 1


@pytest.mark.parametrize("kind", ["Q4_K", "Q5_K", "Q6_K", "Q4_0", "Q8_0", "F16", "BF16", "F32"])
def test_rows_quantised_apart_give_the_bytes_of_rows_quantised_together(block: torch.Tensor, kind: TensorType) -> None:
    apart = b"".join(bytes(ggml.encode(rows, kind, "x")) for rows in block.reshape(3, 2, -1))
    assert apart == bytes(ggml.encode(block, kind, "x"))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_by_name(block: torch.Tensor, wrong: float) -> None:
    block[2, 3] = wrong
    with pytest.raises(UserError, match=r"blk\.0\.attn_q"):
        ggml.encode(block, "Q4_K", "blk.0.attn_q.weight")


def test_a_number_beyond_float16_is_refused_where_the_file_is_float16(block: torch.Tensor) -> None:
    block[0, 0] = 70000.0
    with pytest.raises(UserError, match="too large for float16"):
        ggml.encode(block, "F16", "x")
