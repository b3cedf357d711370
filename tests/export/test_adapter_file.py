"""The adapter as GGUF, run by llama.cpp on a file of the base and held against PEFT."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader

from loresmith.errors import UserError
from loresmith.export import adapter_file, layout, shipping
from loresmith.models import locate, lora_weights, prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.language import open_model
from loresmith.models.lora_weights import NO_UPDATE, LoraWeights
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

SOURCES = "[1] The relief valve opens at 4 bar. [2] The pump runs at 50 Hz and weighs 12 kg."
QUESTIONS = ["At what pressure does the relief valve open?", "How much does the pump weigh?", "Who made the pump?"]
ANSWERS = ["4 bar", "12 kg", "The relief valve opens at 4 bar."]


def files(base: str, adapter: Path, folder: Path) -> tuple[Path, Path]:
    """The base alone as GGUF, and the adapter as GGUF."""
    settings = ExportSettings(model=ModelConfig(base=base), export=ExportConfig(quantization="f16"))
    shipment = shipping.prepare(settings, NO_UPDATE, folder)
    for _ in shipping.write(shipment, folder / "base.gguf"):
        pass
    adapter_file.write(folder / "adapter.gguf", "base", lora_weights.read(adapter), shipment.layout)
    return folder / "base.gguf", folder / "adapter.gguf"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("starter", {}),
        ("llama", {"use_rslora": True}),
        ("qwen3", {"target_modules": ["q_proj", "down_proj"], "lora_alpha": 128}),
    ],
)
def test_llama_cpp_with_the_adapter_answers_as_transformers_does(
    name: str, changes: dict[str, object], request: pytest.FixtureRequest, fit_adapter: Callable[..., Path],
    tmp_path: Path,
) -> None:  # fmt: skip
    base = name if name == "starter" else str(request.getfixturevalue(name))
    adapter = fit_adapter(locate.find(base).path, **changes)
    model = open_model(locate.find(base), "float32", adapter)
    weights, beside = files(base, adapter, tmp_path)
    asked = [model.encode(prompts.short(question, SOURCES)) for question in QUESTIONS]
    pairs = [(asked[0], model.encode_reply(answer)) for answer in ANSWERS]
    with GgufModel(weights) as plain, GgufModel(weights, adapter=beside) as adapted:
        without, ours = plain.loglikelihood(pairs), adapted.loglikelihood(pairs)
        assert ours == pytest.approx(model.loglikelihood(pairs), abs=0.1)
        assert max(abs(a - b) for a, b in zip(ours, without, strict=True)) > 0.3  # the adapter does something
        if name == "starter":  # random models waver between tokens
            assert [each.ids for each in adapted.complete(asked, 12)] == [
                each.ids for each in model.complete(asked, 12)
            ]


def test_the_scaling_survives_the_division_by_the_rank(qwen2: Path, tmp_path: Path) -> None:
    pairs = {"model.layers.0.self_attn.q_proj.weight": (torch.ones(4, 256), torch.ones(256, 4))}
    shape = layout.read(locate.configuration(locate.find(str(qwen2))))
    adapter_file.write(tmp_path / "a.gguf", "x", LoraWeights(2.5, pairs), shape)
    reader = GGUFReader(tmp_path / "a.gguf")
    assert reader.fields["adapter.lora.alpha"].contents() == 10.0
    assert reader.fields["general.type"].contents() == "adapter"
    assert {tensor.name: tuple(tensor.shape) for tensor in reader.tensors} == {
        "blk.0.attn_q.weight.lora_a": (256, 4),
        "blk.0.attn_q.weight.lora_b": (4, 256),
    }


def test_an_adapter_of_several_ranks_is_refused(qwen2: Path, tmp_path: Path) -> None:
    pairs = {
        f"model.layers.0.self_attn.{part}_proj.weight": (torch.ones(rank, 256), torch.ones(256, rank))
        for part, rank in (("q", 2), ("o", 4))
    }
    shape = layout.read(locate.configuration(locate.find(str(qwen2))))
    with pytest.raises(UserError, match="2 ranks"):
        adapter_file.write(tmp_path / "a.gguf", "x", LoraWeights(1.0, pairs), shape)
