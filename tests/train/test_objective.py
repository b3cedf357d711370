from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.train import lora, objective
from loresmith.train.attention import PACKED, Documents

Make = Callable[..., tuple[Conversation, ...]]


@pytest.fixture
def adapter(network: Any) -> lora.Adapter:
    fitted = lora.attach(network, TrainConfig(r=4, lora_alpha=8, seed=3), "tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        fitted.weights.data.normal_(std=0.1)  # B is zero at first, which would hide half of the gradient
    return fitted


def one_by_one(adapter: lora.Adapter, row: Sequence[Conversation]) -> tuple[float, Tensor]:
    """Loss and gradient from transformers' own attention and labels, a conversation at a time."""
    adapter.gradient.zero_()
    adapter.network.set_attn_implementation("sdpa")
    total = 0.0
    for conversation in row:
        ids = torch.tensor([conversation.ids])
        labels = ids.clone()
        labels[:, : conversation.completion] = -100
        loss = adapter.network(input_ids=ids, labels=labels).loss * objective.loss_tokens([conversation])
        loss.backward()
        total += float(loss.detach())
    return total, adapter.gradient.clone()


def packed(adapter: lora.Adapter, row: Sequence[Conversation]) -> tuple[float, Tensor]:
    adapter.gradient.zero_()
    adapter.network.set_attn_implementation(PACKED)
    loss = objective.row_loss(adapter.network, row)
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach()), adapter.gradient.clone()


def error(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


@pytest.mark.parametrize("opening", [0, 6])
def test_a_packed_row_has_the_loss_and_the_gradient_of_its_conversations_one_by_one(
    adapter: lora.Adapter, some_conversations: Make, opening: int
) -> None:
    row = some_conversations(9, opening=opening)
    expected, gradient = one_by_one(adapter, row)
    loss, found = packed(adapter, row)
    assert loss == pytest.approx(expected, rel=1e-6)
    assert error(found, gradient) < 2e-6  # fp32 sums in another order


def test_conversations_with_the_same_prompt_share_all_of_it(adapter: lora.Adapter) -> None:
    row = [Conversation((7, 8, 9, 100 + n, 511), 3) for n in range(4)]
    assert objective.opening(row) == 3
    expected, gradient = one_by_one(adapter, row)
    loss, found = packed(adapter, row)
    assert loss == pytest.approx(expected, rel=1e-6)
    assert error(found, gradient) < 2e-6


def test_a_packing_without_boundaries_would_be_noticed(
    adapter: lora.Adapter, some_conversations: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = some_conversations(9, opening=0)
    expected, gradient = one_by_one(adapter, row)
    whole = Documents.of([sum(len(conversation.ids) for conversation in row)], 0, torch.device("cpu"))
    monkeypatch.setattr(Documents, "of", lambda *_: whole)
    loss, found = packed(adapter, row)
    assert abs(loss / expected - 1) > 1e-4
    assert error(found, gradient) > 0.1


def test_what_follows_in_the_row_changes_nothing_before_it(adapter: lora.Adapter, some_conversations: Make) -> None:
    row = some_conversations(5)
    apart = packed(adapter, row[:3])[0] + packed(adapter, row[3:])[0]
    assert packed(adapter, row)[0] == pytest.approx(apart, rel=1e-6)


def test_the_prompt_carries_no_loss(adapter: lora.Adapter) -> None:
    row = [Conversation((7, 8, 9, 100, 511), 3)]
    adapter.network.set_attn_implementation("sdpa")
    with torch.no_grad():
        logits = adapter.network(torch.tensor([row[0].ids])).logits[0]
    expected = -sum(float(logits[place].log_softmax(-1)[row[0].ids[place + 1]]) for place in (2, 3))
    assert objective.loss_tokens(row) == 2
    assert packed(adapter, row)[0] == pytest.approx(expected, rel=1e-5)
