import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from loresmith.artifact import hash_file
from loresmith.errors import UserError
from loresmith.models.language import open_model
from loresmith.models.locate import find
from loresmith.models.weights import load_model
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train import checkpoint
from loresmith.train.course import Course
from loresmith.train.log import lines
from loresmith.train.peft_trainer import PeftTrainer

Fit = Callable[..., dict[str, Any]]


@pytest.fixture
def fit(tiny_model: Path, lesson: TrainingSet) -> Fit:
    def train(target: Path, config: TrainConfig, examples: TrainingSet = lesson) -> dict[str, Any]:
        target.mkdir(exist_ok=True)
        return finish(PeftTrainer().fit(ModelConfig(base=str(tiny_model)), examples, target, config))

    return train


def stopped_at(target: Path, model: Path, config: TrainConfig, lesson: TrainingSet, step: int) -> None:
    """Train and give up after `step`."""
    target.mkdir(exist_ok=True)
    work = PeftTrainer().fit(ModelConfig(base=str(model)), lesson, target, config)
    while next(work).done < step:
        pass
    work.close()


def test_it_learns_its_answers_by_heart_and_leaves_a_plain_adapter(
    fit: Fit, tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    figures = fit(tmp_path, small_course.model_copy(update={"num_train_epochs": 25}))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", "log.jsonl", "loss.svg",
    ]  # fmt: skip
    assert figures["first_loss"] > 4
    assert figures["last_loss"] < 0.1
    expert = open_model(find(str(tiny_model)), adapter=tmp_path)
    answers = expert.complete([c.ids[: c.completion] for c in lesson.train], 4)
    assert [answer.ids[0] for answer in answers] == [c.ids[c.completion] for c in lesson.train]
    assert all(answer.stopped for answer in answers)


def test_going_on_uses_the_checkpoint_and_not_a_fresh_start(
    fit: Fit, tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    stopped_at(tmp_path / "a", tiny_model, small_course, lesson, 8)
    assert [folder.name for folder in (tmp_path / "a" / "checkpoints").glob("step-*")] == ["step-00000006"]
    work = PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path / "a", small_course)
    assert next(work).done == 6
    finish(work)
    fit(tmp_path / "b", small_course)
    for name in ("adapter_model.safetensors", "adapter_config.json", "log.jsonl", "loss.svg"):
        assert hash_file(tmp_path / "a" / name) == hash_file(tmp_path / "b" / name)


def test_a_checkpoint_of_other_settings_or_questions_is_not_used(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    stopped_at(tmp_path, tiny_model, small_course, lesson, 8)
    fewer = TrainingSet(lesson.train[1:], lesson.validation)
    other = small_course.model_copy(update={"learning_rate": 5e-3})
    base = ModelConfig(base=str(tiny_model))
    assert next(PeftTrainer().fit(base, lesson, tmp_path, other)).done == 0
    assert next(PeftTrainer().fit(base, fewer, tmp_path, small_course)).done == 0


def test_another_seed_gives_another_adapter_and_the_same_seed_the_same(
    fit: Fit, tmp_path: Path, small_course: TrainConfig
) -> None:
    short = small_course.model_copy(update={"num_train_epochs": 1})
    other = short.model_copy(update={"seed": 4})
    for name, config in (("a", short), ("b", short), ("c", other)):
        fit(tmp_path / name, config)
    weights = [hash_file(tmp_path / name / "adapter_model.safetensors") for name in "abc"]
    assert weights[0] == weights[1] != weights[2]


def test_the_log_tells_the_course_without_times(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    fit(tmp_path, small_course)
    logged = lines(tmp_path / "log.jsonl")
    assert [line["step"] for line in logged if "loss" in line] == [2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert [line["step"] for line in logged if "validation_loss" in line] == [0, 6, 12, 18]
    measured = next(line for line in logged if "loss" in line)
    assert set(measured) == {"step", "epoch", "loss", "learning_rate", "grad_norm", "tokens"}
    assert logged[-2]["epoch"] == 6


def test_every_token_is_counted_once_an_epoch(
    fit: Fit, tmp_path: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    assert fit(tmp_path, small_course)["tokens"] == 6 * sum(len(c.ids) for c in lesson.train)


def test_the_adapter_names_its_base_and_no_place_on_this_machine(
    fit: Fit, tmp_path: Path, tiny_model: Path, small_course: TrainConfig
) -> None:
    fit(tmp_path, small_course.model_copy(update={"num_train_epochs": 1, "target_modules": ("q_proj", "down_proj")}))
    text = (tmp_path / "adapter_config.json").read_text()
    config = json.loads(text)
    assert config["base_model_name_or_path"] == tiny_model.name
    assert config["target_modules"] == ["down_proj", "q_proj"]
    assert str(tiny_model.parent) not in text
    names = {re.sub(r"\d+", "N", name) for name in load_file(tmp_path / "adapter_model.safetensors")}
    layer = "base_model.model.model.layers.N"
    assert names == {
        f"{layer}.{part}.lora_{side}.weight" for part in ("self_attn.q_proj", "mlp.down_proj") for side in "AB"
    }


def test_without_packing_the_same_is_learned(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    packed = fit(tmp_path / "packed", small_course)
    alone = fit(tmp_path / "alone", small_course.model_copy(update={"packing": False}))
    assert alone["last_loss"] == pytest.approx(packed["last_loss"], rel=1e-3)


def test_a_step_weighs_every_completion_token_alike(
    tiny_model: Path,
    tmp_path: Path,
    some_conversations: Callable[..., tuple[Conversation, ...]],
    small_course: TrainConfig,
) -> None:
    examples = TrainingSet(some_conversations(8), ())  # completions of 1 to 28 tokens
    gradients = []
    for packing in (True, False):
        config = small_course.model_copy(update={"per_device_train_batch_size": 8, "packing": packing})
        course = Course(load_model(find(str(tiny_model)), "float32"), "tiny", examples, config, tmp_path)
        course._learn(0)
        gradients.append(course.adapter.gradient)
    assert float((gradients[1] - gradients[0]).norm() / gradients[0].norm()) < 1e-5


def test_the_global_generator_neither_matters_nor_changes(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    config = small_course.model_copy(update={"lora_dropout": 0.2, "num_train_epochs": 2})
    with torch.random.fork_rng(devices=[]):
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            fit(tmp_path / str(seed), config)
            assert torch.equal(torch.get_rng_state(), before)
    one, two = (hash_file(tmp_path / name / "adapter_model.safetensors") for name in "12")
    assert one == two


def test_accumulation_multiplies_the_conversations_of_a_step(
    fit: Fit, tmp_path: Path, small_course: TrainConfig
) -> None:
    two = small_course.model_copy(update={"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2})
    fit(tmp_path / "two", two)
    fit(tmp_path / "four", small_course)
    weights = [load_file(tmp_path / name / "adapter_model.safetensors") for name in ("two", "four")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("targets", [("c_attn",), ("lm_head", "q_proj"), ("embed_tokens",)])
def test_layers_that_cannot_be_adapted_are_named(fit: Fit, tmp_path: Path, targets: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match=rf"target_modules.*{targets[0]}"):
        fit(tmp_path, TrainConfig(target_modules=targets))


def test_a_loss_that_is_no_number_stops_and_names_the_step(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    with pytest.raises(UserError, match=r"Training broke at step \d+"):
        fit(tmp_path, small_course.model_copy(update={"learning_rate": 1e30, "warmup_steps": 0}))


def test_a_gradient_of_zero_stops_and_names_the_step(
    build_tiny_model: Callable[..., Path], lesson: TrainingSet, tmp_path: Path, small_course: TrainConfig
) -> None:
    from safetensors.torch import save_file

    model = build_tiny_model(tmp_path / "dead")
    weights = load_file(model / "model.safetensors")
    save_file(
        {name: tensor * ("o_proj" not in name) for name, tensor in weights.items()},
        model / "model.safetensors",
        metadata={"format": "pt"},
    )
    deaf = small_course.model_copy(update={"target_modules": ("v_proj",)})
    with pytest.raises(UserError, match="Nothing is learned at step 1: the gradient is zero"):
        finish(PeftTrainer().fit(ModelConfig(base=str(model)), lesson, tmp_path, deaf))


def test_a_course_without_questions_to_watch_has_no_validation_loss(
    fit: Fit, tmp_path: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    figures = fit(tmp_path, small_course, TrainingSet(lesson.train, ()))
    assert figures["last_validation_loss"] is None
    assert not any("validation_loss" in line for line in lines(tmp_path / "log.jsonl"))


def test_one_question_is_enough(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    figures = fit(tmp_path, small_course, TrainingSet((Conversation((7, 8, 9, 300, 511), 3),), ()))
    assert figures["steps"] == 6


def test_a_damaged_checkpoint_is_passed_over(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    stopped_at(tmp_path, tiny_model, small_course, lesson, 8)
    tensors = tmp_path / "checkpoints" / "step-00000006" / checkpoint.TENSORS
    tensors.write_bytes(tensors.read_bytes()[:-4] + b"\0\0\0\1")
    assert next(PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path, small_course)).done == 0


def test_a_steep_gradient_is_clipped_to_the_norm(
    network: Any, lesson: TrainingSet, tmp_path: Path, small_course: TrainConfig
) -> None:
    course = Course(network, "tiny", lesson, small_course.model_copy(update={"max_grad_norm": 1e-3}), tmp_path)
    assert course._learn(0).grad_norm > 1e-2
    assert float(course.adapter.gradient.norm()) == pytest.approx(1e-3, rel=1e-4)


def test_the_validation_loss_is_measured_without_dropout(
    network: Any, lesson: TrainingSet, tmp_path: Path, small_course: TrainConfig
) -> None:
    course = Course(network, "tiny", lesson, small_course.model_copy(update={"lora_dropout": 0.5}), tmp_path)
    course._learn(0)
    course._learn(1)
    course._validate(2)
    course._validate(2)
    first, second = lines(tmp_path / "log.jsonl")
    assert first == second
