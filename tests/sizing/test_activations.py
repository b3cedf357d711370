"""The arithmetic beside what autograd really keeps."""

import weakref
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


def kept(layout: str, count: int, train: TrainConfig, dtype: torch.dtype) -> tuple[int, Any]:
    """Bytes that autograd keeps for the backward pass of one row, without the model's own weights."""
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
    ids = torch.arange(COUNT * LENGTH).view(COUNT, LENGTH) % VOCABULARY
    row = [Conversation(tuple(line.tolist()), LENGTH - TOLD) for line in ids]
    seen: list[weakref.ref[torch.Tensor]] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        seen.append(weakref.ref(tensor))
        return tensor

    fused.fuse(made)
    layers.lighten(made)
    halves = torch.autocast("cpu", dtype, enabled=is_full and dtype != torch.float32)  # as on a GPU
    with halves, torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = row_loss(made, row, fused.head_loss(made))
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
@pytest.mark.parametrize("way", ["all", "dropout", "dora", "qlora"])
def test_the_whole_model_keeps_what_the_arithmetic_says(way: str, dtype: str) -> None:
    found, config = kept("qwen2", 3, WAYS[way], getattr(torch, dtype))
    sizes = shape.read(config.to_dict())
    assert activations.kept_bytes(sizes, WAYS[way], dtype, ROWS[dtype]) == pytest.approx(found, rel=0.01)  # indices


def test_twice_the_row_keeps_twice_as_much() -> None:
    sizes = shape.read(network("qwen2", 2, torch.float32).config.to_dict())
    once, twice = (activations.kept_bytes(sizes, LORA, "float32", packed(n, "groups")) for n in (500, 1000))
    assert twice == 2 * once
