"""The layout that is handed to the GPU's kernel, tried with a kernel of the same contract on the CPU."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from torch import Tensor

from loresmith.train import varlen
from loresmith.train.attention import Documents, grouped
from loresmith.train.varlen import Stretches

CPU = torch.device("cpu")


def kernel_with(diagonal: Callable[[int, int], int]) -> Callable[..., Tensor]:
    """torch's `varlen_attn` in plain words; a query sees the keys up to `diagonal(queries, keys)` behind its own."""

    def kernel(
        query: Tensor, key: Tensor, value: Tensor, cu_seq_q: Tensor, cu_seq_k: Tensor, max_q: int, max_k: int, *,
        scale: float | None, window_size: tuple[int, int], enable_gqa: bool = False,
    ) -> Tensor:  # fmt: skip
        assert cu_seq_q.dtype == cu_seq_k.dtype == torch.int32
        assert window_size == (-1, 0)
        assert enable_gqa == (query.shape[1] != key.shape[1])
        parts = []
        for number in range(len(cu_seq_q) - 1):
            own = query[cu_seq_q[number] : cu_seq_q[number + 1]].transpose(0, 1)
            keys, values = (part[cu_seq_k[number] : cu_seq_k[number + 1]].transpose(0, 1) for part in (key, value))
            assert own.shape[1] <= max_q and keys.shape[1] <= max_k
            mask = torch.ones(own.shape[1], keys.shape[1], dtype=torch.bool)
            mask = mask.tril(diagonal(own.shape[1], keys.shape[1]))
            parts.append(F.scaled_dot_product_attention(own, keys, values, mask, scale=scale, enable_gqa=enable_gqa))
        return torch.cat(parts, dim=1).transpose(0, 1)

    return kernel


right = kernel_with(lambda queries, keys: keys - queries)
"""The last query sees the last key."""


@pytest.mark.parametrize("heads", [(4, 4), (4, 2)])
@pytest.mark.parametrize(("lengths", "shared"), [((7,), 0), ((5, 1, 9), 0), ((6, 4, 11, 5), 3), ((2, 2), 1)])
def test_the_kernel_is_given_what_makes_it_equal_to_the_plain_way(
    heads: tuple[int, int], lengths: tuple[int, ...], shared: int
) -> None:
    time = sum(lengths) - shared * (len(lengths) - 1)
    generator = torch.Generator().manual_seed(1)
    query, key, value = (torch.randn(heads[i], time, 8, generator=generator).double() for i in (0, 1, 1))
    expected = grouped(Documents.of(lengths, shared, CPU), query, key, value, {"scaling": 0.2})
    found = varlen.attend(right, Stretches.of(lengths, shared, CPU), (query, key, value), 0.2)
    assert torch.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("heads", [(4, 4), (4, 2)])
def test_a_kernel_of_the_contract_is_trusted(heads: tuple[int, int]) -> None:
    assert varlen.agrees(right, heads, 16, torch.float32, CPU)
    assert varlen.agrees(right, heads, 16, torch.bfloat16, CPU)


@pytest.mark.parametrize(
    "diagonal",
    [lambda queries, keys: keys, lambda queries, keys: 0, lambda queries, keys: keys - queries + 1],
    ids=["not causal", "the first query sees the first key", "one key too many"],
)
def test_a_kernel_that_looks_elsewhere_is_not(diagonal: Callable[[int, int], int]) -> None:
    assert not varlen.agrees(kernel_with(diagonal), (4, 2), 16, torch.float32, CPU)


def test_a_kernel_with_wrong_gradients_is_not() -> None:
    def detached(*states: Any, **settings: Any) -> Tensor:
        return right(states[0], states[1].detach() + 0 * states[1], *states[2:], **settings)

    assert not varlen.agrees(detached, (4, 4), 16, torch.float32, CPU)


def test_on_a_cpu_and_in_float32_there_is_no_kernel() -> None:
    states = torch.zeros(2, 3, 8)
    assert varlen.kernel_for(states.bfloat16(), states.bfloat16()) is None
    assert varlen.kernel_for(states, states) is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("heads", [(16, 2), (24, 8)])
def test_torch_s_kernel_agrees_on_this_gpu(heads: tuple[int, int]) -> None:
    states = [torch.zeros(count, 3, 128, device="cuda", dtype=torch.bfloat16) for count in heads]
    assert varlen.kernel_for(states[0], states[1]) is not None
