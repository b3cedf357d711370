"""The fused forward gives PEFT's numbers, and what it does not cover keeps PEFT's forward."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from peft import LoraConfig, get_peft_model
from torch import Tensor

from loresmith.models.weights import quiet
from loresmith.train import fused

IDS = torch.tensor([[5, 9, 17, 200, 33, 41]])


def adapted(network: Any, **settings: Any) -> Any:
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        fitted = get_peft_model(
            network, LoraConfig(r=4, lora_alpha=12, target_modules="all-linear", task_type="CAUSAL_LM", **settings)
        )
        for name, weights in fitted.named_parameters():
            if "lora_B" in name:  # zero at first, which would hide the half of it
                weights.data.normal_(std=0.1)
    return fitted


def outcome(fitted: Any) -> tuple[Tensor, dict[str, Tensor]]:
    fitted.zero_grad()
    logits = fitted(input_ids=IDS).logits
    logits = logits if logits.dtype == torch.float64 else logits.float()
    logits.square().mean().backward()
    gradients = {name: weights.grad.clone() for name, weights in fitted.named_parameters() if weights.grad is not None}
    return logits.detach(), gradients


@pytest.mark.parametrize("rslora", [False, True])
def test_the_fused_layers_give_peft_s_numbers_and_gradients(network: Any, rslora: bool) -> None:
    fitted = adapted(network, use_rslora=rslora).double()  # so that nothing is left of the rounding
    expected, gradients = outcome(fitted)
    assert fused.fuse(fitted) == sum("lora_A" in name for name in gradients) > 10
    found, own = outcome(fitted)
    assert torch.allclose(found, expected, atol=1e-12)
    assert own.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert float((own[name] - gradient).norm() / gradient.norm()) < 1e-11, name


def test_in_a_16_bit_network_the_trained_numbers_and_their_gradients_stay_in_float32(network: Any) -> None:
    fitted = adapted(network.bfloat16())
    exact, gradients = outcome(fitted)
    fused.fuse(fitted)
    found, own = outcome(fitted)
    assert {gradient.dtype for gradient in own.values()} == {torch.float32}
    assert float((found - exact).norm() / exact.norm()) < 0.02
    apart = [float((own[name] - g).norm() / g.norm()) for name, g in gradients.items()]
    assert max(apart) < 0.1


@pytest.mark.filterwarnings("ignore:.*has no bias")
@pytest.mark.parametrize("settings", [{"lora_dropout": 0.1}, {"use_dora": True}, {"lora_bias": True}])
def test_what_is_not_covered_keeps_peft_s_forward(network: Any, settings: dict[str, Any]) -> None:
    fitted = adapted(network, **settings)
    fitted.eval()
    expected = outcome(fitted)[0]
    assert fused.fuse(fitted) == 0
    assert torch.equal(outcome(fitted)[0], expected)


def test_the_head_s_loss_and_gradient_are_those_of_the_cross_entropy(
    network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fused.CHUNK_ROWS, "cpu", 3)
    head = fused.head_loss(network)
    assert head is not None
    generator = torch.Generator().manual_seed(4)
    hidden = torch.randn(8, network.config.hidden_size, generator=generator, requires_grad=True)
    targets = torch.randint(network.config.vocab_size, (8,), generator=generator)
    weight = network.get_output_embeddings().weight
    expected = F.cross_entropy(hidden.double() @ weight.double().t(), targets, reduction="sum")
    (gradient,) = torch.autograd.grad(expected, hidden)
    loss = head(hidden, targets)
    (found,) = torch.autograd.grad(3 * loss, hidden)
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-6)
    assert torch.allclose(found, 3 * gradient, atol=1e-6)
    with torch.no_grad():
        assert float(head(hidden, targets)) == pytest.approx(float(expected.detach()), rel=1e-6)


def test_positions_whose_target_is_ignored_count_nothing(network: Any) -> None:
    head = fused.head_loss(network)
    assert head is not None
    hidden = torch.randn(5, network.config.hidden_size, generator=torch.Generator().manual_seed(4), requires_grad=True)
    targets = torch.tensor([7, -100, 30, -100, 2])
    loss = head(hidden, targets)
    (gradient,) = torch.autograd.grad(loss, hidden)
    logits = hidden @ network.get_output_embeddings().weight.t()
    expected = F.cross_entropy(logits, targets, reduction="sum")
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, hidden)[0], atol=1e-5, rtol=1e-4)
    assert not gradient[1].any()


def test_a_target_that_the_head_holds_for_impossible_has_a_finite_loss(network: Any) -> None:
    head = fused.head_loss(network)
    assert head is not None
    weight = network.get_output_embeddings().weight
    hidden = (weight[3] - weight[9]).detach()[None] * 1e4
    expected = F.cross_entropy(hidden @ weight.t(), torch.tensor([9]))
    assert float(expected) > 200  # its share is 0 in 32 bits
    assert float(head(hidden, torch.tensor([9]))) == pytest.approx(float(expected), rel=1e-5)


def test_no_token_with_loss_costs_nothing(network: Any) -> None:
    head = fused.head_loss(network)
    assert head is not None
    hidden = torch.zeros(0, network.config.hidden_size, requires_grad=True)
    loss = head(hidden, torch.zeros(0, dtype=torch.long))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0.0
    assert hidden.grad is not None and hidden.grad.shape == hidden.shape


def test_a_head_that_is_trained_or_scales_its_logits_is_left_to_the_network(network: Any) -> None:
    network.get_output_embeddings().weight.requires_grad_(True)
    assert fused.head_loss(network) is None
    network.get_output_embeddings().weight.requires_grad_(False)
    network.config.model_type = "gemma2"
    assert fused.head_loss(network) is None
