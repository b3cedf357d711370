from types import SimpleNamespace
from typing import Any

import pytest
import torch

from loresmith.recipe import TrainConfig
from loresmith.train import eight_bits, optimizers

RATE = 1e-2


def problem(count: int = 3000, decayed: int | None = None, seed: int = 0) -> Any:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.nn.Parameter(torch.randn(count, generator=generator))
    return SimpleNamespace(
        weights=weights, gradient=torch.zeros(count), decayed=count if decayed is None else decayed, generator=generator
    )


def walk(trained: Any, optim: str, steps: int, weight_decay: float = 0.1) -> optimizers.Optimizer:
    optimizer = optimizers.chosen(trained, TrainConfig(optim=optim, weight_decay=weight_decay))  # type: ignore[arg-type]
    for _ in range(steps):
        trained.gradient.copy_(torch.randn(len(trained.gradient), generator=trained.generator) + trained.weights.data)
        optimizer.step(RATE)
    return optimizer


@pytest.mark.parametrize("signed", [True, False])
def test_eight_bits_keep_every_number_to_its_nearest_value(signed: bool) -> None:
    numbers = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    numbers = numbers if signed else numbers.abs()
    codes, scales = eight_bits.quantised(numbers, signed)
    padded = torch.nn.functional.pad(numbers, (0, 24)).view(-1, 256) / scales[:, None]
    nearest = (padded.reshape(-1, 1)[:1000] - eight_bits.dynamic_map(signed)).abs().min(dim=1).values
    away = (padded.reshape(-1)[:1000] - eight_bits.dynamic_map(signed)[codes.int()]).abs()
    assert torch.allclose(away, nearest, atol=1e-6)
    assert len(scales) == 4
    assert torch.equal(eight_bits.dequantised(*eight_bits.quantised(torch.zeros(5), signed), signed), torch.zeros(5))


def test_the_dynamic_maps_have_the_ends_and_the_smallest_steps_of_bitsandbytes() -> None:
    signed, unsigned = eight_bits.dynamic_map(True), eight_bits.dynamic_map(False)
    assert len(set(signed.tolist())) == len(set(unsigned.tolist())) == 256
    assert (signed[0], signed[-1], unsigned[0], unsigned[-1]) == (pytest.approx(-0.99297, abs=1e-5), 1.0, 0.0, 1.0)
    assert float(signed[signed > 0].min()) == pytest.approx(5.5e-7)
    assert float(unsigned[unsigned > 0].min()) == pytest.approx(3.25e-7)


@pytest.mark.parametrize("optim", ["adamw_torch", "adamw_torch_fused"])
def test_flat_adamw_is_torchs_own(optim: str) -> None:
    trained, plain = problem(decayed=2000), problem()
    walk(trained, optim, 5)
    parts = [torch.nn.Parameter(plain.weights.data[:2000]), torch.nn.Parameter(plain.weights.data[2000:])]
    groups = [{"params": [parts[0]], "weight_decay": 0.1}, {"params": [parts[1]], "weight_decay": 0.0}]
    reference = torch.optim.AdamW(groups, lr=RATE)
    for _ in range(5):
        gradient = torch.randn(3000, generator=plain.generator) + torch.cat([part.data for part in parts])
        parts[0].grad, parts[1].grad = gradient[:2000], gradient[2000:]
        reference.step()
    assert torch.allclose(trained.weights, torch.cat([part.data for part in parts]), atol=1e-6)


def test_eight_bit_adamw_walks_almost_as_the_whole_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizers, "AT_ONCE", 512)  # several parts, the last of them short
    eight, whole, start = problem(), problem(), problem()
    walk(eight, "adamw_8bit", 30)
    walk(whole, "adamw_torch", 30)
    away, gone = (eight.weights - whole.weights).detach().norm(), (whole.weights - start.weights).detach().norm()
    assert 0 < float(away / gone) < 0.05


def test_eight_bit_states_take_a_quarter() -> None:
    sizes = {}
    for optim in ("adamw_torch", "adamw_8bit"):
        optimizer = optimizers.chosen(problem(65536), TrainConfig.model_validate({"optim": optim}))
        sizes[optim] = sum(tensor.numel() * tensor.itemsize for tensor in optimizer.state().values())
    assert sizes["adamw_8bit"] / sizes["adamw_torch"] == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("optim", ["adamw_torch", "adamw_torch_fused", "adamw_8bit"])
def test_a_restored_optimizer_goes_on_to_the_same_bits(optim: str) -> None:
    whole, first = problem(decayed=1000), problem(decayed=1000)
    walk(whole, optim, 6)
    left = walk(first, optim, 3)
    second = problem(decayed=1000)
    second.weights.data.copy_(first.weights.data)
    second.generator.set_state(first.generator.get_state())
    again = optimizers.chosen(second, TrainConfig(optim=optim, weight_decay=0.1))  # type: ignore[arg-type]
    again.restore(3, {name: tensor.clone() for name, tensor in left.state().items()})
    for _ in range(3):
        second.gradient.copy_(torch.randn(3000, generator=second.generator) + second.weights.data)
        again.step(RATE)
    assert torch.equal(whole.weights, second.weights)


def test_what_does_not_decay_is_left_alone_without_a_gradient() -> None:
    trained = problem(decayed=1000)
    before = trained.weights.detach().clone()
    for optim in ("adamw_torch", "adamw_8bit"):
        optimizers.chosen(trained, TrainConfig(optim=optim, weight_decay=0.1)).step(RATE)
    assert torch.equal(trained.weights[1000:], before[1000:])
    assert torch.allclose(trained.weights[:1000], before[:1000] * (1 - 0.1 * RATE) ** 2)


def test_eight_bit_steps_are_those_of_bitsandbytes_where_it_is_installed() -> None:
    bitsandbytes: Any = pytest.importorskip("bitsandbytes")
    ours, theirs = problem(8192), problem(8192)
    walk(ours, "adamw_8bit", 10)
    part = torch.nn.Parameter(theirs.weights.data.clone())
    reference = bitsandbytes.optim.AdamW8bit([part], lr=RATE, weight_decay=0.1)
    start = part.detach().clone()
    for _ in range(10):
        part.grad = torch.randn(8192, generator=theirs.generator) + part.data
        reference.step()
    away, gone = (ours.weights - part).detach().norm(), (part - start).detach().norm()
    assert float(away / gone) < 5e-3  # 1.7e-3 here: numbers almost in the middle of two values go either way
