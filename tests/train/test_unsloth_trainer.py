import sys
from pathlib import Path

import pytest
import torch

from loresmith.errors import MachineError, NotBuiltYet, PackageMissing
from loresmith.plugins import TRAINERS, TrainingSet, load
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.unsloth_trainer import UnslothTrainer


def fit(target: Path, config: TrainConfig) -> None:
    finish(UnslothTrainer().fit(ModelConfig(), TrainingSet((), ()), target, config))


def test_without_a_gpu_it_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MachineError, match="needs a CUDA GPU") as caught:
        fit(tmp_path, TrainConfig(trainer="unsloth"))
    assert "peft" in caught.value.next_step
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_it_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "unsloth", None)
    with pytest.raises(PackageMissing, match="`unsloth`") as caught:
        fit(tmp_path, TrainConfig(trainer="unsloth"))
    assert caught.value.next_step == "pip install 'loresmith[unsloth]'"


def test_what_it_does_not_have_is_refused(tmp_path: Path) -> None:
    for change in ({"method": "qlora"}, {"use_dora": True}):
        with pytest.raises(NotBuiltYet, match=next(iter(change))):
            fit(tmp_path, TrainConfig.model_validate(change))


def test_it_is_found_by_its_name() -> None:
    assert load(TRAINERS, "unsloth") is UnslothTrainer
