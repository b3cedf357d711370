"""The squares of one layer at a time are those of the whole merged model."""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from transformers import AutoConfig

from loresmith.errors import UserError
from loresmith.export import activations
from loresmith.models import lora_weights
from loresmith.models.locate import find
from loresmith.models.lora_weights import LoraWeights
from loresmith.models.merging import MergedWeights, merge_to_folder
from loresmith.models.weights import load_model

TEXTS = [list(range(3, 3 + length)) for length in (40, 7, 90, 1)]
HOW = activations.Running(torch.device("cpu"), torch.float32)


def layers(base: Path, lora: LoraWeights) -> list[activations.Sums]:
    with MergedWeights(base, lora) as weights:
        return list(activations.squares(weights, AutoConfig.from_pretrained(base), TEXTS, HOW))


@torch.no_grad()
def of_the_whole_model(folder: Path) -> activations.Sums:
    """The plain way: load the merged model, listen to each linear part, read each text."""
    model = load_model(find(str(folder)), "float32")
    sums: activations.Sums = {}

    def listen(name: str) -> Callable[[Any, Any], None]:
        def hear(_: Any, given: Any) -> None:
            sums[name] = sums.get(name, 0) + given[0][0].double().square().sum(0)

        return hear

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            module.register_forward_pre_hook(listen(f"{name}.weight"))
    for text in TEXTS:
        model(torch.tensor([text]))
    return sums


def in_memory() -> int:
    """Bytes of all weights of networks in this process."""
    weights = [thing for thing in gc.get_objects() if type(thing) is torch.nn.Parameter]
    return sum(weight.nbytes for weight in weights if not weight.is_meta)


@pytest.mark.parametrize("layout", ["qwen2", "qwen3", "llama"])
def test_they_are_those_of_the_whole_merged_model(
    layout: str, request: pytest.FixtureRequest, fit_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    base = request.getfixturevalue(layout)
    lora = lora_weights.read(fit_adapter(base))
    for _ in merge_to_folder(base, lora, tmp_path / "merged", dtype=lambda weights: weights.sixteen_bit):
        pass
    expected = of_the_whole_model(tmp_path / "merged")
    first, second = layers(base, lora)
    assert {*first, *second} == set(expected)
    assert all(".layers.0." in name for name in first)
    for name, total in (first | second).items():
        torch.testing.assert_close(total, expected[name], rtol=1e-4, atol=1e-6)


def test_never_are_the_weights_of_two_layers_in_memory(
    qwen2: Path, save_base: Callable[..., Path], tmp_path: Path
) -> None:
    base = tmp_path / "deep"
    base.mkdir()
    for file in qwen2.glob("*token*"):
        (base / file.name).write_bytes(file.read_bytes())
    save_base(base, "qwen2", num_hidden_layers=5)
    config = AutoConfig.from_pretrained(base)
    layer = 4 * config.hidden_size * (config.hidden_size * 3 + config.intermediate_size * 3)
    before, most = in_memory(), 0

    def look(module: torch.nn.Module, *_: object) -> None:
        nonlocal most
        if type(module).__name__.endswith("MLP"):  # once a layer: to look walks every object of the process
            most = max(most, in_memory())

    listening = register_module_forward_pre_hook(look)
    try:
        assert len(layers(base, lora_weights.NO_UPDATE)) == 5
    finally:
        listening.remove()
    assert 0.5 * layer < most - before < 1.5 * layer


def test_what_is_not_finite_is_refused_by_name(qwen2: Path, fit_adapter: Callable[..., Path]) -> None:
    lora = lora_weights.read(fit_adapter(qwen2))
    lora.pairs["model.layers.0.self_attn.v_proj.weight"][1][3, 2] = float("nan")
    with pytest.raises(UserError, match=r"layers\.0\.self_attn\.o_proj"):
        layers(qwen2, lora)
