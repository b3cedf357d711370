"""The lighter forwards give transformers' numbers and gradients."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from loresmith.plugins import Conversation
from loresmith.train import layers, objective
from loresmith.train.attention import PACKED, Documents

ROW = (Conversation(tuple(range(5, 25)), 12), Conversation((5, 6, 7, *range(40, 52)), 4), Conversation((9, 8, 7, 6), 1))
SIZES = {
    "hidden_size": 32, "intermediate_size": 80, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 96,
}  # fmt: skip


def network(layout: str) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = AutoModelForCausalLM.from_config(AutoConfig.for_model(layout, **SIZES), dtype=torch.float32)
        for name, weights in made.named_parameters():
            if "norm" in name:  # ones at first, which would hide a forgotten weight
                weights.data.uniform_(0.5, 1.5)
    made.set_attn_implementation(PACKED)
    return made.requires_grad_(False).train()


def outcome(made: Any) -> tuple[Tensor, Tensor]:
    """The loss of a packed row, and its gradient by what the network was given."""
    embedded: list[Tensor] = []

    def watch(_: Any, __: Any, output: Tensor) -> Tensor:
        embedded.append(output.requires_grad_())
        return output

    hook = made.get_input_embeddings().register_forward_hook(watch)
    head = made.get_output_embeddings()
    loss = objective.row_loss(
        made, ROW, lambda hidden, told: torch.nn.functional.cross_entropy(head(hidden), told, reduction="sum")
    )
    hook.remove()
    return loss.detach(), torch.autograd.grad(loss, embedded[0])[0]


@pytest.mark.parametrize("layout", ["llama", "qwen2", "qwen3", "mistral"])
def test_loss_and_gradient_are_transformers_own(layout: str) -> None:
    made = network(layout)
    loss, gradient = outcome(made)
    norms = 2 * 3 + 1 + (2 * 3 if layout == "qwen3" else 0)
    assert layers.lighten(made) == norms + 3 + 1
    found, own = outcome(made)
    torch.testing.assert_close(found, loss, rtol=1e-6, atol=0)
    assert float((own - gradient).norm() / gradient.norm()) < 1e-6


def test_the_last_layer_computes_only_what_is_told() -> None:
    made = network("qwen2")
    layers.lighten(made)
    seen: dict[int, int] = {}
    for number, layer in enumerate(made.model.layers):
        layer.mlp.register_forward_hook(
            lambda _, given, __, number=number: seen.update({number: given[0].shape[1]})  # type: ignore[misc]
        )
    outcome(made)
    told = objective.loss_tokens(ROW)
    assert seen == {0: 39, 1: 39, 2: told}


def test_without_documents_the_network_is_transformers_own() -> None:
    made = network("llama").eval()
    made.set_attn_implementation("sdpa")
    ids = torch.arange(5, 25)[None]
    before = made(input_ids=ids).logits
    layers.lighten(made)
    torch.testing.assert_close(made(input_ids=ids).logits, before, rtol=1e-5, atol=1e-6)
    written = made.generate(ids, max_new_tokens=4, do_sample=False, eos_token_id=None)  # through the cache
    whole = made(input_ids=written).logits[0, ids.shape[1] - 1 : -1].argmax(-1)
    assert written[0, ids.shape[1] :].tolist() == whole.tolist()


def test_what_is_trained_or_unknown_keeps_its_forward() -> None:
    made = network("qwen2")
    made.model.norm.weight.requires_grad_(True)
    layers.lighten(made)
    assert "forward" not in vars(made.model.norm)
    gemma = AutoModelForCausalLM.from_config(AutoConfig.for_model("gemma2", **SIZES))
    assert layers.lighten(gemma.requires_grad_(False)) == 0


def test_a_row_is_filled_up_in_16_bits_on_a_cpu_without_another_loss() -> None:
    made = network("qwen2").bfloat16()
    layers.lighten(made)
    seen: list[Documents] = []
    made.model.layers[0].self_attn.register_forward_pre_hook(
        lambda _, __, settings: seen.append(settings["documents"]), with_kwargs=True
    )
    loss, gradient = outcome(made)
    assert gradient.shape[1] == 64 and len(seen[0].homes) == 64
    assert {group.longest for group in seen[0].groups} == {32}
    assert not gradient[0, 39:].any()
    exact, _ = outcome(network("qwen2"))
    assert float(loss) == pytest.approx(float(exact), rel=0.01)
