"""Attention within short documents, beside torch's own in 32 bits."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from loresmith.train import short
from loresmith.train.attention import Documents, grouped
from loresmith.train.packing import places_in_row

LENGTHS, SHARED, WIDTH = (40, 75, 20, 41), 5, 16
TIME = SHARED + sum(LENGTHS) - SHARED * len(LENGTHS)


def states(heads: int, seed: int) -> Tensor:
    made = torch.randn(heads, TIME, WIDTH, generator=torch.Generator().manual_seed(seed))
    return made.bfloat16().requires_grad_()


def expected(query: Tensor, key: Tensor, value: Tensor, shared: int) -> Tensor:
    """Each document alone, (time, heads, width)."""
    result = torch.zeros(TIME, query.shape[0], WIDTH)
    lengths = LENGTHS if shared else [TIME]
    for places in places_in_row(lengths, shared):
        q, k, v = (part[None, :, places].float() for part in (query, key, value))
        alone = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3, enable_gqa=True)
        result[places] = alone[0].transpose(0, 1)
    return result


@pytest.mark.parametrize("grain", [1, 32])
@pytest.mark.parametrize("heads", [(4, 4), (6, 2)])
@pytest.mark.parametrize("shared", [SHARED, 0])
def test_outputs_and_gradients_are_those_of_each_document_alone(
    heads: tuple[int, int], grain: int, shared: int
) -> None:
    query, key, value = states(heads[0], 0), states(heads[1], 1), states(heads[1], 2)
    pull = torch.randn(TIME, heads[0], WIDTH, generator=torch.Generator().manual_seed(3))
    exact = expected(query, key, value, shared)
    exact_gradients = torch.autograd.grad((exact * pull).sum(), (query, key, value))
    documents = Documents.of(LENGTHS if shared else [TIME], shared, torch.device("cpu"), grain)
    assert short.is_better(query)
    found = grouped(documents, query, key, value, {"scaling": 0.3})
    assert found.dtype == torch.bfloat16
    assert float((found - exact).detach().norm() / exact.detach().norm()) < 0.01
    for gradient, other in zip(
        torch.autograd.grad((found * pull).sum(), (query, key, value)), exact_gradients, strict=True
    ):
        assert float((gradient - other).float().norm() / other.float().norm()) < 0.015


def test_long_documents_and_32_bits_are_left_to_torch() -> None:
    assert not short.is_better(torch.zeros(2, 1, 64, 8))
    assert not short.is_better(torch.zeros(2, 1, short.LONGEST + 1, 8, dtype=torch.bfloat16))
    assert short.is_better(torch.zeros(2, 1, short.LONGEST, 8, dtype=torch.float16))
