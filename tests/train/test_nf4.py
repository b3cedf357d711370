from pathlib import Path
from typing import Any

import pytest
import torch

from loresmith.models.locate import find
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train import eight_bits, methods
from loresmith.train.nf4 import Nf4Linear, normal_float
from loresmith.train.peft_trainer import PeftTrainer

# As `bitsandbytes.functional.get_4bit_type("nf4")` gives them (0.50.2).
BITSANDBYTES = [
    -1.0, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.09105004, 0.0, 0.0795803, 0.1609302,
    0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1.0,
]  # fmt: skip


def layer(rows: int = 32, columns: int = 48, seed: int = 0, *, bias: bool = True) -> torch.nn.Linear:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.Linear(columns, rows, bias=bias)


def test_the_sixteen_values_are_those_of_bitsandbytes() -> None:
    assert normal_float().tolist() == pytest.approx(BITSANDBYTES, abs=2e-7)


def test_each_weight_goes_to_its_nearest_value_and_scales_stay_within_eight_bits() -> None:
    whole = layer(64, 256, bias=False)
    blocks = whole.weight.detach().view(-1, 64)
    scales = blocks.abs().amax(1, keepdim=True)
    nearest = normal_float()[((blocks / scales)[..., None] - normal_float()).abs().argmin(-1)] * scales
    found = Nf4Linear(whole).weight.view(-1, 64)
    assert float((found - nearest).norm() / nearest.norm()) < 0.01  # what the second quantisation costs
    assert float((found - blocks).norm() / blocks.norm()) == pytest.approx(0.09, abs=0.03)


def test_it_computes_and_passes_gradients_as_its_own_weights_would() -> None:
    quantised = Nf4Linear(layer())
    inputs = torch.randn(3, 5, 48, generator=torch.Generator().manual_seed(1), requires_grad=True)
    plain = inputs.detach().clone().requires_grad_()
    ours, theirs = quantised(inputs), torch.nn.functional.linear(plain, quantised.weight, quantised.bias)
    assert torch.allclose(ours, theirs, atol=1e-6)
    ours.square().sum().backward()  # type: ignore[no-untyped-call]
    theirs.square().sum().backward()  # type: ignore[no-untyped-call]
    assert inputs.grad is not None
    assert plain.grad is not None
    assert torch.allclose(inputs.grad, plain.grad, atol=1e-5)


@pytest.mark.parametrize("columns", [13, 64], ids=["neither byte nor block is full", "whole blocks"])
def test_the_weights_are_the_values_at_their_codes_times_the_scale_of_their_block(columns: int) -> None:
    found = Nf4Linear(layer(5, columns, bias=False))
    scales = eight_bits.dequantised(found.scale_codes, found.scale_scales, signed=True) + found.offset
    slow = []
    for place in range(5 * columns):
        byte = int(found.packed[place // 2])
        slow.append(normal_float()[byte & 15 if place % 2 else byte >> 4] * scales[place // 64])
    assert torch.equal(found.weight, torch.stack(slow).view(5, columns))


def test_it_takes_an_eighth_of_float32() -> None:
    buffers = {name: tensor for name, tensor in Nf4Linear(layer(256, 512)).named_buffers() if name != "values"}
    bits = 8 * sum(tensor.numel() * tensor.itemsize for tensor in buffers.values()) / (256 * 512)
    assert bits == pytest.approx(4.127, abs=0.001)


def test_only_the_blocks_are_quantised(tiny_model: Path) -> None:
    network: Any = methods.opened(find(str(tiny_model)), "float32", TrainConfig(method="qlora"))
    kinds = {name.rpartition(".")[2]: type(module) for name, module in network.named_modules()}
    assert kinds["lm_head"] is torch.nn.Linear
    assert {kinds[name] for name in ("q_proj", "o_proj", "gate_proj", "down_proj")} == {Nf4Linear}


def test_a_qlora_course_learns_and_leaves_a_plain_adapter(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    config = small_course.model_copy(update={"method": "qlora", "num_train_epochs": 15})
    figures = finish(PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path, config))
    assert figures["last_loss"] < figures["first_loss"] / 2
    assert figures["base_precision"].startswith("nf4, double quantised (torch)")
    assert (tmp_path / "adapter_config.json").is_file()


def test_values_agree_with_bitsandbytes_where_it_is_installed() -> None:
    bitsandbytes = pytest.importorskip("bitsandbytes.functional")
    whole = layer(128, 192, bias=False)
    codes, state = bitsandbytes.quantize_4bit(whole.weight.data, compress_statistics=True, quant_type="nf4")
    ours = Nf4Linear(whole)
    assert torch.equal(ours.packed, codes.view(-1))
    # its CPU code takes the second nearest of the 256 values for a scale that lies almost in the middle of two
    assert int((ours.scale_codes != state.absmax).sum()) <= len(ours.scale_codes) // 50
