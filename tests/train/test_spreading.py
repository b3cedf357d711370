"""A base that processes hold together; here one process holds it alone, `test_launch.py` has two."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torch.distributed as dist
from pydantic import ValidationError

from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.train import fused, layers, lora, objective, spreading
from loresmith.train.attention import PACKED

ROW = (Conversation(tuple(range(5, 25)), 12), Conversation((5, 6, 7, *range(40, 52)), 4))


@pytest.fixture
def group() -> Iterator[None]:
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def gradient(network: Any) -> torch.Tensor:
    adapter = lora.attach(network, TrainConfig(r=4), "tiny")
    adapter.weights.data.copy_(torch.linspace(-0.1, 0.1, adapter.weights.numel()))
    adapter.network.set_attn_implementation(PACKED)
    fused.fuse(adapter.network)
    layers.lighten(adapter.network)
    objective.row_loss(adapter.network, ROW, fused.head_loss(adapter.network)).backward()  # type: ignore[no-untyped-call]
    return adapter.gradient


def test_layers_are_shared_out_and_gradients_stay(group: None, network: Any) -> None:
    assert not spreading.is_spread(network)
    expected = gradient(copy.deepcopy(network))
    spread = spreading.spread(network, torch.device("cpu"))
    assert spreading.is_spread(spread)
    frozen = [type(weights).__name__ for weights in spread.get_decoder().layers.parameters()]
    assert set(frozen) == {"DTensor"}
    assert type(spread.get_input_embeddings().weight).__name__ == "Parameter"
    assert torch.equal(gradient(spread), expected)
    assert {type(w).__name__ for w in spread.get_decoder().layers[0].self_attn.q_proj.base_layer.parameters()} == {
        "DTensor"  # given up again after the backward pass
    }


@pytest.mark.parametrize("changes", [{"method": "qlora"}, {"method": "full"}, {"exam_steps": 5}])
def test_what_it_does_not_go_with_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="spread_base goes with method lora"):
        TrainConfig(spread_base=True, **changes)
