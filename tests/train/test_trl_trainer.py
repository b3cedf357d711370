import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from loresmith.artifact import hash_file
from loresmith.errors import NotBuiltYet, PackageMissing, UserError
from loresmith.models.language import open_model
from loresmith.models.locate import find
from loresmith.plugins import TRAINERS, TrainingSet, load
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.log import lines
from loresmith.train.peft_trainer import PeftTrainer
from loresmith.train.trl_trainer import TrlTrainer

pytest.importorskip("trl")
pytest.importorskip("datasets")

Fit = Callable[..., dict[str, Any]]


@pytest.fixture
def fit(tiny_model: Path, lesson: TrainingSet) -> Fit:
    def train(trainer: Any, target: Path, config: TrainConfig, examples: TrainingSet = lesson) -> dict[str, Any]:
        target.mkdir(exist_ok=True)
        return finish(trainer().fit(ModelConfig(base=str(tiny_model)), examples, target, config))

    return train


def adapter(folder: Path) -> torch.Tensor:
    weights = load_file(folder / "adapter_model.safetensors")
    return torch.cat([weights[name].reshape(-1) for name in sorted(weights)])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"packing": False},
        {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4},
        {"per_device_train_batch_size": 5, "lr_scheduler_type": "linear", "max_grad_norm": 100.0, "weight_decay": 0.1},
        {"use_dora": True, "use_rslora": True, "lr_scheduler_type": "polynomial", "warmup_ratio": 0.3},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_both_engines_learn_the_same(
    fit: Fit, tmp_path: Path, small_course: TrainConfig, changes: dict[str, object]
) -> None:
    config = small_course.model_copy(update={"logging_steps": 1, "num_train_epochs": 3, **changes})
    ours, theirs = (fit(trainer, tmp_path / trainer.__name__, config) for trainer in (PeftTrainer, TrlTrainer))
    logs = [lines(tmp_path / name / "log.jsonl") for name in ("PeftTrainer", "TrlTrainer")]
    assert len(logs[0]) == len(logs[1])
    for line, other in zip(*logs, strict=True):
        assert line == pytest.approx(other, rel=1e-4)
    mine, its = (adapter(tmp_path / name) for name in ("PeftTrainer", "TrlTrainer"))
    assert float((mine - its).norm() / mine.norm()) < 1e-5
    assert ours.keys() <= theirs.keys() | {"matmul"}
    assert {key: theirs[key] for key in ("steps", "tokens", "trained_numbers", "conversations")} == {
        key: ours[key] for key in ("steps", "tokens", "trained_numbers", "conversations")
    }


def test_it_leaves_the_same_plain_adapter(
    fit: Fit, tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    fit(TrlTrainer, tmp_path / "a", small_course.model_copy(update={"num_train_epochs": 25}))
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", "log.jsonl", "loss.svg",
    ]  # fmt: skip
    told = json.loads((tmp_path / "a" / "adapter_config.json").read_text())
    assert told["base_model_name_or_path"] == tiny_model.name
    expert = open_model(find(str(tiny_model)), adapter=tmp_path / "a")
    answers = expert.complete([c.ids[: c.completion] for c in lesson.train], 4)
    assert [answer.ids[0] for answer in answers] == [c.ids[c.completion] for c in lesson.train]


def test_a_course_that_is_given_up_goes_on_from_its_checkpoint_to_the_same_bytes(
    fit: Fit, tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    config = small_course.model_copy(update={"lora_dropout": 0.1})
    (tmp_path / "a").mkdir()
    work = TrlTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path / "a", config)
    while next(work).done < 8:
        pass
    work.close()
    again = TrlTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path / "a", config)
    assert next(again).done in (6, 9)  # the loop is a thread: it may have come further than what was heard
    finish(again)
    fit(TrlTrainer, tmp_path / "b", config)
    for name in ("adapter_model.safetensors", "adapter_config.json", "log.jsonl", "loss.svg"):
        assert hash_file(tmp_path / "a" / name) == hash_file(tmp_path / "b" / name)


def test_a_checkpoint_without_its_mark_or_of_another_course_is_not_used(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    base = ModelConfig(base=str(tiny_model))
    work = TrlTrainer().fit(base, lesson, tmp_path, small_course)
    while next(work).done < 5:
        pass
    work.close()
    assert next(TrlTrainer().fit(base, lesson, tmp_path, small_course)).done in (3, 6)
    assert next(TrlTrainer().fit(base, lesson, tmp_path, small_course.model_copy(update={"seed": 4}))).done == 0
    for mark in (tmp_path / "checkpoints").rglob("place.json"):
        mark.write_text("{")
    assert next(TrlTrainer().fit(base, lesson, tmp_path, small_course)).done == 0


def test_the_global_generators_do_not_change(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()
    fit(TrlTrainer, tmp_path, small_course.model_copy(update={"num_train_epochs": 1}))
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpys).all()


@pytest.mark.parametrize("package", ["trl", "datasets"])
def test_a_missing_package_is_one_line(
    fit: Fit, tmp_path: Path, small_course: TrainConfig, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PackageMissing, match=rf"trainer: trl.*`{package}`") as caught:
        fit(TrlTrainer, tmp_path, small_course)
    assert caught.value.next_step == "pip install 'loresmith[trl]'"


@pytest.mark.parametrize(
    "change",
    [
        {"method": "qlora"}, {"method": "full"}, {"optim": "adamw_8bit"}, {"processes": 2}, {"exam_steps": 5},
        {"mix": ("rows.jsonl",)}, {"replay": "rows.jsonl"}, {"curriculum": True},
    ],
)  # fmt: skip
def test_what_only_the_built_in_trainer_has_is_refused(fit: Fit, tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(NotBuiltYet, match=rf"train\.{next(iter(change))}.* `train\.trainer: trl`"):
        fit(TrlTrainer, tmp_path, TrainConfig.model_validate(change))


def test_a_loss_that_is_no_number_stops_and_names_the_step(fit: Fit, tmp_path: Path, small_course: TrainConfig) -> None:
    with pytest.raises(UserError, match=r"Training broke at step \d+"):
        fit(TrlTrainer, tmp_path, small_course.model_copy(update={"learning_rate": 1e30, "warmup_steps": 0}))


def test_it_is_found_by_its_name() -> None:
    assert load(TRAINERS, "trl") is TrlTrainer
