"""The arithmetic beside what autograd really keeps."""

import weakref
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.sizing import activations, shape
from loresmith.sizing.rows import Row, packed
from loresmith.train import fused, layers, lora, methods
from loresmith.train.attention import PACKED
from loresmith.train.objective import row_loss

COUNT, LENGTH, TOLD, VOCABULARY = 4, 16, 8, 96
TOKENS, PADDED = COUNT * LENGTH, COUNT * 32
ROWS = {
    "float32": Row(TOKENS, COUNT * TOLD, queries=TOKENS, keys=TOKENS),
    "bfloat16": Row(TOKENS, COUNT * TOLD, queries=PADDED, keys=PADDED, short=PADDED, pairs=PADDED * 32),
}
LORA = TrainConfig(r=4)


def network(layout: str, count: int, dtype: torch.dtype) -> Any:
    config = AutoConfig.for_model(
        layout, hidden_size=32, intermediate_size=80, num_hidden_layers=count, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, vocab_size=VOCABULARY, tie_word_embeddings=True,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        return AutoModelForCausalLM.from_config(config, dtype=dtype)


def conversations(count: int = COUNT, length: int = LENGTH, told: int = TOLD) -> list[Conversation]:
    ids = torch.arange(count * length).view(count, length) % VOCABULARY
    return [Conversation(tuple(line.tolist()), length - told) for line in ids]


def kept(
    layout: str, count: int, train: TrainConfig, dtype: torch.dtype, row: Sequence[Conversation] | None = None
) -> tuple[int, Any]:
    """Bytes that autograd keeps for the backward pass of `row`, without the model's own weights."""
    is_full = train.method == "full"
    made = network(layout, count, torch.float32 if is_full else dtype)
    if not is_full:
        made.requires_grad_(False)
        if train.method == "qlora":
            made = methods.in_four_bits(made, torch.device("cpu"))
        made = lora.attach(made, train, "small").network
    made.set_attn_implementation(PACKED)
    made.train()
    own = {weight.untyped_storage().data_ptr() for weight in made.state_dict().values()}
    seen: list[weakref.ref[torch.Tensor]] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        seen.append(weakref.ref(tensor))
        return tensor

    fused.fuse(made)
    layers.lighten(made)
    halves = torch.autocast("cpu", dtype, enabled=is_full and dtype != torch.float32)  # as on a GPU
    with halves, torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = row_loss(made, row or conversations(), fused.head_loss(made))
    assert loss.requires_grad  # and so the graph is still there, with all that it keeps
    storages = [tensor.untyped_storage() for one in seen if (tensor := one()) is not None]
    return sum({s.data_ptr(): s.nbytes() for s in storages if s.data_ptr() not in own}.values()), made.config


WAYS = {
    "all": LORA,
    "two": LORA.model_copy(update={"target_modules": ("q_proj", "v_proj")}),
    "dropout": LORA.model_copy(update={"lora_dropout": 0.1}),
    "dora": LORA.model_copy(update={"use_dora": True}),
    "dora and dropout": LORA.model_copy(update={"use_dora": True, "lora_dropout": 0.1}),
    "qlora": LORA.model_copy(update={"method": "qlora"}),
}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layout", ["llama", "qwen2", "qwen3"])
def test_two_more_layers_keep_what_the_arithmetic_says_to_the_byte(layout: str, way: str, dtype: str) -> None:
    train = WAYS[way]
    less, config = kept(layout, 1, train, getattr(torch, dtype))
    more, _ = kept(layout, 3, train, getattr(torch, dtype))
    sizes = shape.read(config.to_dict())
    assert (more - less) / 2 == activations.size_bytes(activations.layer(sizes, train, dtype, ROWS[dtype]))


@pytest.mark.parametrize("layout", ["qwen2", "qwen3"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_fully_trained_layer_keeps_what_the_arithmetic_says_to_the_byte(layout: str, dtype: str) -> None:
    train = TrainConfig(method="full")
    less, config = kept(layout, 1, train, getattr(torch, dtype))
    more, _ = kept(layout, 3, train, getattr(torch, dtype))
    sizes = shape.read(config.to_dict())
    predicted = activations.size_bytes(activations.layer(sizes, train, dtype, ROWS["float32"]))  # 32-bit queries
    copied = 2 * sizes.linear_parameters // sizes.layers if dtype == "bfloat16" else 0  # counted as weights
    assert (more - less) / 2 == predicted + copied


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("way", ["all", "two", "dropout", "dora", "qlora"])
def test_the_whole_model_keeps_what_the_arithmetic_says_and_at_most_the_places_with_loss(way: str, dtype: str) -> None:
    found, config = kept("qwen2", 3, WAYS[way], getattr(torch, dtype))
    sizes, row = shape.read(config.to_dict()), ROWS[dtype]
    assert 0 <= found - activations.kept_bytes(sizes, WAYS[way], dtype, row) <= 8 * row.told


def test_all_of_full_training_is_kept_at_all_tokens() -> None:
    train = TrainConfig(method="full")
    found, config = kept("qwen2", 3, train, torch.float32)
    predicted = activations.kept_bytes(shape.read(config.to_dict()), train, "float32", ROWS["float32"])
    logits = 4 * VOCABULARY * COUNT * TOLD  # counted as what the step works with
    assert predicted + logits == pytest.approx(found, rel=0.003)  # tokens, and the places and targets with loss


def test_the_fewer_tokens_carry_loss_the_less_the_last_layer_keeps() -> None:
    few, many = (kept("qwen2", 1, LORA, torch.float32, conversations(told=told))[0] for told in (1, 8))
    sizes = shape.read(network("qwen2", 1, torch.float32).config.to_dict())
    predicted = [
        activations.kept_bytes(sizes, LORA, "float32", Row(TOKENS, COUNT * told, TOKENS, TOKENS)) for told in (1, 8)
    ]
    assert many - few == predicted[1] - predicted[0] + 8 * COUNT * 7


def test_a_long_document_beside_short_ones_is_attended_to_in_blocks() -> None:
    row = [*conversations(), *conversations(1, 288, 96)]
    less, more = (kept("qwen2", count, LORA, torch.bfloat16, row) for count in (1, 3))
    places = PADDED + 288
    tokens = TOKENS + 288  # 352, which is full
    facts = Row(tokens, COUNT * TOLD + 96, queries=places, keys=places, short=PADDED, pairs=PADDED * 32)
    predicted = activations.size_bytes(activations.layer(shape.read(less[1].to_dict()), LORA, "bfloat16", facts))
    assert (more[0] - less[0]) / 2 == predicted


def test_twice_the_row_keeps_twice_as_much() -> None:
    sizes = shape.read(network("qwen2", 2, torch.float32).config.to_dict())
    once, twice = (activations.kept_bytes(sizes, LORA, "float32", packed(n, "groups")) for n in (500, 1000))
    assert twice == 2 * once
