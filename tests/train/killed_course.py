"""A course that is killed with SIGKILL after given steps and started again, beside one that is left in peace.

Run by test_resuming with a model folder, an empty folder, changes of the settings as JSON and the steps to die after.
Each attempt is a forked child of this process, which itself computes nothing, so that the libraries are imported once.
Prints the sha256 of each file.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
import torch._dynamo
from transformers import Qwen2ForCausalLM  # noqa: F401 (with the line above: else every child would import them)

from loresmith.artifact import hash_file
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.peft_trainer import PeftTrainer

SETTINGS = {
    "r": 8, "lora_alpha": 16, "learning_rate": 1e-2, "num_train_epochs": 5, "per_device_train_batch_size": 5,
    "warmup_steps": 2, "max_length": 64, "logging_steps": 2, "save_steps": 3, "eval_steps": 4, "seed": 3,
}  # fmt: skip


def examples() -> TrainingSet:
    rng = np.random.default_rng(5)
    made = []
    for _ in range(18):
        prompt = [7, 8, 9, *rng.integers(100, 500, int(rng.integers(4, 9))).tolist()]
        made.append(Conversation((*prompt, int(rng.integers(100, 500)), 511), len(prompt)))
    return TrainingSet(tuple(made[:14]), tuple(made[14:]))


def attempt(model: Path, target: Path, config: TrainConfig, die_after: int | None) -> bool:
    """Whether the course came to its end."""
    child = os.fork()
    if child == 0:
        for progress in PeftTrainer().fit(ModelConfig(base=str(model)), examples(), target, config):
            if progress.note != "model loaded" and progress.done == die_after:
                os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    model, folder = map(Path, sys.argv[1:3])
    config = TrainConfig.model_validate(SETTINGS | json.loads(sys.argv[3]))
    for name, deaths in (("killed", [int(step) for step in sys.argv[4:]]), ("whole", [])):
        (folder / name).mkdir()
        for step in deaths:
            assert not attempt(model, folder / name, config, step)
        assert attempt(model, folder / name, config, None)
        for path in sorted((folder / name).rglob("*")):
            sys.stdout.write(f"{name} {path.name} {hash_file(path)}\n")
