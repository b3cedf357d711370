"""Real processes over gloo; each launch imports torch and transformers twice, which takes most of the time."""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file

from loresmith.artifact import hash_file
from loresmith.errors import Interrupted, LoresmithError, MachineError, UserError
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work, finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import launch
from loresmith.train.log import lines
from loresmith.train.peft_trainer import PeftTrainer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def uneven(some_conversations: Callable[..., tuple[Conversation, ...]]) -> TrainingSet:
    """Steps of five, whose last one in each epoch holds a single conversation: one of two processes is idle."""
    return TrainingSet(some_conversations(11), some_conversations(3, seed=1))


@pytest.fixture(scope="module")
def config() -> TrainConfig:
    return TrainConfig(
        r=8, lora_alpha=16, learning_rate=1e-3, num_train_epochs=20, per_device_train_batch_size=5, warmup_steps=2,
        max_length=64, logging_steps=1, save_steps=3, eval_steps=6, seed=3, open_book=0.0, processes=2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def base(tiny_model: Path) -> ModelConfig:
    return ModelConfig(base=str(tiny_model), dtype="float32")


@dataclass
class Run:
    folder: Path
    figures: dict[str, Any]
    seen: list[Progress] = field(default_factory=list)


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, base: ModelConfig, uneven: TrainingSet, config: TrainConfig
) -> Run:
    """The course by two processes that nothing befell."""
    run = Run(tmp_path_factory.mktemp("undisturbed"), {})
    run.figures = finish(PeftTrainer().fit(base, uneven, run.folder, config), run.seen.append)
    return run


def adapter(folder: Path) -> torch.Tensor:
    weights = load_file(folder / "adapter_model.safetensors")
    return torch.cat([weights[name].reshape(-1) for name in sorted(weights)])


def ranks() -> dict[str, psutil.Process]:
    """The processes that train at the moment, by rank."""
    below = psutil.Process().children(recursive=True)
    return {child.environ()["RANK"]: child for child in below if "RANK" in child.environ()}


def test_two_processes_learn_what_one_does_and_one_log_is_written(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig, undisturbed: Run
) -> None:
    one = finish(PeftTrainer().fit(base, uneven, tmp_path, config.model_copy(update={"processes": 1})))
    mine, theirs = adapter(tmp_path), adapter(undisturbed.folder)
    assert float((mine - theirs).norm() / mine.norm()) < 1e-6
    logs = [lines(folder / "log.jsonl") for folder in (tmp_path, undisturbed.folder)]
    assert len(logs[0]) == len(logs[1])
    for line, other in zip(*logs, strict=True):
        assert line == pytest.approx(other, rel=1e-5)
    names = [sorted(path.name for path in folder.iterdir()) for folder in (tmp_path, undisturbed.folder)]
    assert names[0] == names[1]
    assert undisturbed.figures["processes"] == 2
    assert undisturbed.figures.keys() - {"launches"} == one.keys() | {"processes"}  # a launch has one retry
    assert undisturbed.figures["tokens"] == one["tokens"]
    assert undisturbed.seen[-1].done == undisturbed.seen[-1].total == 60


def test_given_up_and_killed_launches_go_on_from_their_checkpoint_to_the_same_bytes(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig, undisturbed: Run
) -> None:
    def launched() -> Work[dict[str, Any]]:
        return PeftTrainer().fit(base, uneven, tmp_path, config)

    work = launched()
    while next(work).done < 4:
        pass
    running = ranks()
    work.close()
    assert running.keys() == {"0", "1"}
    assert not any(process.is_running() for process in running.values())

    work = launched()
    began = next(work).done
    assert began >= 4  # given up, the processes end as on an order: with a checkpoint
    while next(work).done < began + 4:
        pass
    ranks()["1"].kill()
    with pytest.raises(MachineError, match=r"ended at step \d+: process 1 was ended by signal 9"):
        finish(work)
    assert ranks() == {}

    work = launched()
    resumed = next(work).done
    assert resumed > began
    assert resumed % 3 == 0
    finish(work)
    for name in ("adapter_model.safetensors", "adapter_config.json", "log.jsonl", "loss.svg"):
        assert hash_file(tmp_path / name) == hash_file(undisturbed.folder / name)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "full", "learning_rate": 1e-3},
        {"method": "qlora", "exam_steps": 3, "early_stopping_patience": 1, "learning_rate": 1e-6},
    ],
    ids=["full", "qlora, stopped by its exams"],
)
def test_every_method_learns_by_two_processes_what_it_does_by_one(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig, changes: dict[str, Any]
) -> None:
    both = []
    for count in (1, 2):
        (tmp_path / str(count)).mkdir()
        asked = config.model_copy(update={"num_train_epochs": 4, "processes": count, **changes})
        both.append(finish(PeftTrainer().fit(base, uneven, tmp_path / str(count), asked)))
    name = "model.safetensors" if asked.method == "full" else "adapter_model.safetensors"
    one, two = (load_file(tmp_path / count / name) for count in "12")
    assert one.keys() == two.keys()
    mine, theirs = (torch.cat([held[key].float().reshape(-1) for key in sorted(held)]) for held in (one, two))
    assert float((mine - theirs).norm() / mine.norm()) < 1e-6
    names = [sorted(path.name for path in (tmp_path / count).iterdir()) for count in "12"]
    assert names[0] == names[1]
    for key in ("steps", "tokens", "stopped", "kept_step", "exams", "exam_recall", "optimizer", "base_precision"):
        assert both[0].get(key) == both[1].get(key), key
    assert ("stopped" in both[1]) == ("exam_steps" in changes)


def test_processes_that_hold_the_base_together_learn_the_same_also_after_one_was_killed(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig
) -> None:
    asked = config.model_copy(update={"num_train_epochs": 4, "spread_base": True})
    alone, together = tmp_path / "1", tmp_path / "2"
    alone.mkdir()
    finish(PeftTrainer().fit(base, uneven, alone, asked.model_copy(update={"processes": 1})))
    work = PeftTrainer().fit(base, uneven, together, asked)
    while next(work).done < 5:
        pass
    ranks()["1"].kill()
    with pytest.raises(MachineError, match="was ended by signal 9"):
        finish(work)
    work = PeftTrainer().fit(base, uneven, together, asked)
    assert next(work).done == 3
    assert finish(work)["base_spread_over"] == 2
    mine, theirs = adapter(alone), adapter(together)
    assert float((mine - theirs).norm() / mine.norm()) < 1e-6
    assert [line.keys() for line in lines(alone / "log.jsonl")] == [
        line.keys() for line in lines(together / "log.jsonl")
    ]


def test_an_order_to_one_process_or_to_the_command_ends_all_after_the_same_step(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig, undisturbed: Run
) -> None:
    began, ended = 0, 0
    for order in (lambda: ranks()["1"].terminate(), lambda: os.kill(os.getpid(), signal.SIGTERM)):
        work = PeftTrainer().fit(base, uneven, tmp_path, config)
        began = next(work).done
        assert began == ended
        while next(work).done < began + 4:
            pass
        order()
        with pytest.raises(Interrupted, match=r"Told to end at step \d+ of 60; the checkpoint is written") as caught:
            finish(work)
        assert caught.value.exit_code == 75
        assert ranks() == {}
        ended = int(re.findall(r"step (\d+) of", caught.value.problem)[0])
        assert ended > began + 4
    finish(PeftTrainer().fit(base, uneven, tmp_path, config))
    for name in ("adapter_model.safetensors", "log.jsonl"):
        assert hash_file(tmp_path / name) == hash_file(undisturbed.folder / name)


def test_what_a_process_raises_is_raised_here(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig
) -> None:
    broken = config.model_copy(update={"learning_rate": 1e30, "warmup_steps": 0})
    with pytest.raises(UserError, match=r"Training broke at step \d+"):
        finish(PeftTrainer().fit(base, uneven, tmp_path, broken))


def test_processes_that_do_not_start_are_tried_once_more_and_then_an_error(
    tmp_path: Path, base: ModelConfig, uneven: TrainingSet, config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('no torch here')")
    (tmp_path / "a").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen: list[Progress] = []
    with pytest.raises(MachineError, match=r"ended before the first step, twice: .*no torch here"):
        finish(PeftTrainer().fit(base, uneven, tmp_path / "a", config), seen.append)
    assert ["did not start" in progress.note for progress in seen] == [True]


@pytest.mark.parametrize(("code", "kind"), [(1, LoresmithError), (2, UserError), (3, MachineError), (75, Interrupted)])
def test_a_fault_keeps_its_kind_and_its_words(tmp_path: Path, code: int, kind: type[LoresmithError]) -> None:
    fault = kind("It broke.", next_step="Mend it.")
    assert fault.exit_code == code
    launch.write_fault(tmp_path, 1, fault)
    with pytest.raises(kind, match=r"It broke\.\n→ Mend it\.") as caught:
        launch._raise_fault(tmp_path)
    assert type(caught.value) is kind


def test_as_many_processes_as_gpus_and_never_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for gpus, asked, expected in ((0, 1, 1), (0, "auto", 1), (0, 3, 3), (2, "auto", 2), (2, 2, 2), (2, 1, 1)):
        monkeypatch.setattr(torch.cuda, "device_count", lambda gpus=gpus: gpus)
        assert launch.processes(TrainConfig(processes=asked)) == expected
    with pytest.raises(UserError, match="asks for 3, but this machine has 2 GPUs"):
        launch.processes(TrainConfig(processes=3))
