"""Conversations and small networks for the tests of training."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from loresmith.models.locate import find
from loresmith.models.weights import load_model
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import TrainConfig


@pytest.fixture(scope="session")
def some_conversations() -> Callable[..., tuple[Conversation, ...]]:
    """`some_conversations(count, opening=6, seed=0)`: random ones of 1 to 30 tokens after a common opening."""

    def make(count: int, opening: int = 6, seed: int = 0) -> tuple[Conversation, ...]:
        rng = np.random.default_rng(seed)
        made = []
        for _ in range(count):
            length = int(rng.integers(2, 30))
            ids = [*range(7, 7 + opening), *rng.integers(100, 500, length).tolist()]
            made.append(Conversation(tuple(ids), opening + int(rng.integers(1 if not opening else 0, length))))
        return tuple(made)

    return make


@pytest.fixture(scope="session")
def lesson(tiny_model: Path) -> TrainingSet:
    """Twelve questions of which each has its own answer, and four to watch."""
    end = json.loads((tiny_model / "generation_config.json").read_text())["eos_token_id"]
    rng = np.random.default_rng(5)
    made = []
    for _ in range(16):
        prompt = [7, 8, 9, *rng.integers(100, 300, int(rng.integers(4, 9))).tolist()]
        made.append(Conversation((*prompt, int(rng.integers(100, 300)), end), len(prompt)))
    return TrainingSet(tuple(made[:12]), tuple(made[12:]))


@pytest.fixture
def network(tiny_model: Path) -> Any:
    """A fresh tiny network in fp32."""
    return load_model(find(str(tiny_model)), "float32")


@pytest.fixture
def small_course() -> TrainConfig:
    """Settings under which the tiny network learns in a few steps."""
    return TrainConfig(
        r=8, lora_alpha=16, learning_rate=1e-2, num_train_epochs=6, per_device_train_batch_size=4, warmup_steps=2,
        max_length=64, logging_steps=2, save_steps=3, eval_steps=6, seed=3, open_book=0.0,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
