"""Each shipped recipe trains with exactly its hyperparameters; only the model is a tiny one and the rows are few."""

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from loresmith.models.locate import find
from loresmith.models.weights import load_model
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import Recipe, load
from loresmith.train import in_steps
from loresmith.train.log import NAME, lines
from loresmith.train.peft_trainer import PeftTrainer
from loresmith.train.schedule import learning_rate

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
LINEARS = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_trains_with_its_own_hyperparameters(
    path: Path, tmp_path: Path, tiny_model: Path, lesson: TrainingSet
) -> None:
    recipe = load(path)
    asked = recipe.train
    config = in_steps(asked, len(lesson.train))
    model = recipe.model.model_copy(update={"base": str(tiny_model)})
    figures = finish(PeftTrainer().fit(model, lesson, tmp_path, config))

    per_epoch = math.ceil(len(lesson.train) / (asked.per_device_train_batch_size * asked.gradient_accumulation_steps))
    total = asked.num_train_epochs * per_epoch
    logged = lines(tmp_path / NAME)
    rates = {line["step"]: line["learning_rate"] for line in logged if "learning_rate" in line}
    assert figures["steps"] == total
    assert figures["optimizer"].startswith(asked.optim)
    held = {"qlora": "nf4", "full": "float32"}.get(asked.method, model.dtype.replace("auto", ""))
    assert figures["base_precision"].startswith(held)
    assert rates == {step: pytest.approx(learning_rate(step - 1, total, asked), rel=1e-5) for step in rates}
    assert max(rates) == total
    if asked.eval_strategy == "epoch":
        watched = [line["step"] for line in logged if "validation_loss" in line]
        assert watched == [per_epoch * epoch for epoch in range(asked.num_train_epochs + 1)]
    assert_learned(tmp_path, recipe, tiny_model)


def assert_learned(folder: Path, recipe: Recipe, base: Path) -> None:
    """What was left has the shape that the recipe asks for, and is not what training began with."""
    train = recipe.train
    if train.method == "full":
        before = load_model(find(str(base)), "float32").state_dict()
        after = load_file(folder / "model.safetensors")
        assert any(not torch.equal(weights, before[name].to(weights.dtype)) for name, weights in after.items())
        return
    saved = json.loads((folder / "adapter_config.json").read_text())
    assert (saved["r"], saved["lora_alpha"], saved["lora_dropout"]) == (train.r, train.lora_alpha, train.lora_dropout)
    targets = LINEARS if train.target_modules == "all-linear" else set(train.target_modules)
    assert {name.rpartition(".")[2] for name in saved["target_modules"]} == targets
    adapter = load_file(folder / "adapter_model.safetensors")
    second = [weights for name, weights in adapter.items() if "lora_B" in name]  # zero until something is learned
    assert second and all(bool(weights.any()) for weights in second)
