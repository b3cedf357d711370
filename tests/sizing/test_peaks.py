"""The arithmetic beside the tensors that are alive at the peak of a real step, counted by benchmarks/plan.py."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from loresmith.recipe import TrainConfig
from loresmith.sizing import shape
from loresmith.sizing.memory import training_peak

WIDE, WORDY, SHORT = (256, 128, 1024, 2, 4, 2), (8192, 128, 256, 2, 4, 2), (8192, 256, 256, 1, 4, 2)
"""Vocabulary, widths, layers and heads: the feed-forward blocks decide the peak, or the logits, or, for short rows of
full training, what comes after the row."""
FLAT, MANY = (256, 512, 128, 3, 4, 2), (256, 128, 128, 3, 8, 8)
"""The norms decide, or attention."""
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "LoRA": ("float32", {}),
    "LoRA in 16 bits": ("bfloat16", {}),
    "LoRA with dropout": ("float32", {"lora_dropout": 0.05}),
    "DoRA": ("float32", {"use_dora": True}),
    "DoRA in 16 bits": ("bfloat16", {"use_dora": True}),
    "QLoRA": ("bfloat16", {"method": "qlora"}),
    "full": ("float32", {"method": "full"}),
    "in 8 bits": ("float32", {"method": "full", "optim": "adamw_8bit"}),
}


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("plan")


@pytest.fixture
def step(benchmark: ModuleType, tmp_path: Path) -> Callable[..., tuple[int, int]]:
    """`step(sizes, dtype, changes, conversations=8)`: bytes counted and predicted, of one step."""

    def taken(sizes: tuple[int, ...], dtype: str, changes: dict[str, Any], conversations: int = 8) -> tuple[int, int]:
        from loresmith.train.course import Course
        from loresmith.train.trouble import Order

        asked = {"max_length": 512, "per_device_train_batch_size": conversations, "num_train_epochs": 1, **changes}
        train = TrainConfig.model_validate(asked)
        job = benchmark.Job("small", dtype, 512, conversations, 1, train.method)
        benchmark.SHAPES["small"] = sizes
        benchmark.build("small", dtype, tmp_path / "small")
        network = benchmark.load(tmp_path / "small", job)
        (tmp_path / "out").mkdir()
        course = Course(network, "small", benchmark.lessons(sizes[0], conversations), train, tmp_path / "out")
        rows, counting = benchmark.watched(course.network), benchmark.Live(benchmark.standing(course))
        with counting:
            list(course.steps(Order()))
        sizes_read = shape.read(network.config.to_dict())
        peaks = [training_peak(sizes_read, train, dtype, row, "cpu") for row in rows]
        return counting.most, max(peak.lasting + peak.activations + peak.working for peak in peaks)

    return taken


@pytest.mark.parametrize("way", WAYS)
def test_the_peak_of_the_tensors_is_predicted_to_two_percent(step: Callable[..., tuple[int, int]], way: str) -> None:
    counted, predicted = step(WORDY, *WAYS[way])
    assert predicted == pytest.approx(counted, rel=0.02)


@pytest.mark.parametrize("way", ["LoRA", "LoRA in 16 bits", "QLoRA", "full"])
def test_it_is_to_five_percent_where_the_vocabulary_is_small(step: Callable[..., tuple[int, int]], way: str) -> None:
    counted, predicted = step(WIDE, *WAYS[way])
    assert predicted == pytest.approx(counted, rel=0.05)


@pytest.mark.parametrize("way", ["LoRA", "LoRA in 16 bits"])
def test_it_is_where_blocks_are_narrow(step: Callable[..., tuple[int, int]], way: str) -> None:
    counted, predicted = step(FLAT, *WAYS[way])
    assert predicted == pytest.approx(counted, rel=0.05)


def test_what_attention_works_with_is_not_more_than_predicted(step: Callable[..., tuple[int, int]]) -> None:
    counted, predicted = step(MANY, *WAYS["LoRA in 16 bits"])
    assert counted < predicted < 1.2 * counted  # all groups are counted, which come one after the other


@pytest.mark.parametrize("optim", ["adamw_torch", "adamw_8bit"])
def test_after_a_short_row_the_embeddings_gradients_or_the_update_decide(
    step: Callable[..., tuple[int, int]], optim: str
) -> None:
    counted, predicted = step(SHORT, "float32", {"method": "full", "optim": optim}, conversations=2)
    assert predicted == pytest.approx(counted, rel=0.02)
