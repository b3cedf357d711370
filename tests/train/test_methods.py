import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from loresmith.artifact import hash_file
from loresmith.errors import UserError
from loresmith.models.language import open_model
from loresmith.models.locate import find
from loresmith.models.lora_weights import read
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.full import FullWeights
from loresmith.train.peft_trainer import PeftTrainer

FULL = {"method": "full", "learning_rate": 3e-3, "num_train_epochs": 20}


def fitted(base: Path, lesson: TrainingSet, target: Path, config: TrainConfig) -> dict[str, Any]:
    target.mkdir()
    return finish(PeftTrainer().fit(ModelConfig(base=str(base)), lesson, target, config))


def test_full_fine_tuning_leaves_a_model_folder_that_answers_and_can_show_its_base(
    sixteen_bit_model: Path, lesson: TrainingSet, small_course: TrainConfig, tmp_path: Path
) -> None:
    figures = fitted(sixteen_bit_model, lesson, tmp_path / "full", small_course.model_copy(update=FULL))
    assert figures["last_loss"] < 0.1
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "full")
    assert figures["trained_numbers"] == sum(weights.numel() for weights in plain.parameters())
    for name in ("config.json", "tokenizer.json", "chat_template.jinja"):
        assert (tmp_path / "full" / name).is_file()
    assert {file.name for file in (tmp_path / "full").glob("*.safetensors")} == {
        file.name for file in sixteen_bit_model.glob("*.safetensors")
    }
    stored = [tensor for file in (tmp_path / "full").glob("*.safetensors") for tensor in load_file(file).values()]
    assert {tensor.dtype for tensor in stored} == {torch.bfloat16}

    prompts = [list(c.ids[: c.completion]) for c in lesson.train]
    source = find(str(sixteen_bit_model))
    expert, base = open_model(source, adapter=tmp_path / "full"), open_model(source)
    told = [answer.ids[0] for answer in expert.complete(prompts, 2)]
    assert told == [c.ids[c.completion] for c in lesson.train]
    with expert.without_adapter():
        assert expert.complete(prompts, 2) == base.complete(prompts, 2)
    assert [answer.ids[0] for answer in expert.complete(prompts, 2)] == told


def test_norms_and_biases_do_not_decay(network: Any) -> None:
    whole = FullWeights(network)
    rest = len(whole.weights) - whole.decayed
    assert rest == sum(weights.numel() for weights in network.parameters() if weights.dim() == 1) > 0


def test_a_layout_that_could_not_be_saved_is_refused_before_training(
    build_tiny_model: Callable[..., Path], lesson: TrainingSet, tmp_path: Path
) -> None:
    base = build_tiny_model(tmp_path / "odd")
    tensors = load_file(base / "model.safetensors")
    save_file(tensors | {"model.extra.weight": torch.ones(2)}, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"model\.extra\.weight has no counterpart"):
        fitted(base, lesson, tmp_path / "full", TrainConfig(method="full"))


@pytest.mark.parametrize("change", [{"use_rslora": True, "r": 16}, {"use_dora": True}])
def test_variants_of_lora_are_trained_and_can_be_merged(
    change: dict[str, Any], tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig, tmp_path: Path
) -> None:
    fitted(tiny_model, lesson, tmp_path / "a", small_course.model_copy(update=change))
    fitted(tiny_model, lesson, tmp_path / "b", small_course.model_copy(update=change))
    config = json.loads((tmp_path / "a" / "adapter_config.json").read_text())
    assert all(config[name] == value for name, value in change.items())
    merged = read(tmp_path / "a")
    assert merged.scaling == (4.0 if "use_rslora" in change else 2.0)  # 16 / sqrt(16), 16 / 8
    assert bool(merged.lengths) == ("use_dora" in change)
    one, two = (hash_file(tmp_path / name / "adapter_model.safetensors") for name in "ab")
    assert one == two
