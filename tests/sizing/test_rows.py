import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch

from loresmith.recipe import TrainConfig
from loresmith.sizing import rows
from loresmith.sizing.rows import Way
from loresmith.train import objective, short
from loresmith.train.attention import Documents
from loresmith.train.rows import rows_of


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("plan")


def test_rows_are_filled_up_as_in_training() -> None:
    lengths = range(1, 5000)
    assert [rows.filled(length) for length in lengths] == [n + objective._missing(n) for n in lengths]


def test_documents_are_filled_up_and_short_as_in_training() -> None:
    assert (rows.GRAIN, rows.LONGEST_SHORT) == (objective.GRAIN, short.LONGEST)


@pytest.mark.parametrize(
    ("method", "dtype", "device", "way"),
    [
        ("lora", "float32", "cpu", "groups"),
        ("lora", "bfloat16", "cpu", "filled groups"),
        ("qlora", "float16", "cuda", "stretches"),
        ("lora", "float32", "cuda", "groups"),
        ("full", "bfloat16", "cuda", "groups"),
    ],
)
def test_a_kernel_takes_16_bits_alone(method: str, dtype: str, device: str, way: Way) -> None:
    assert rows.way(TrainConfig.model_validate({"method": method}), dtype, device) == way


@pytest.mark.parametrize(("way", "dtype"), [("groups", torch.float32), ("filled groups", torch.bfloat16)])
def test_a_planned_row_is_about_what_short_conversations_fill(
    benchmark: ModuleType, way: Way, dtype: torch.dtype
) -> None:
    lessons = benchmark.lessons(512, 16).train
    row = rows_of(lessons, range(16), TrainConfig(max_length=1024), 1024)[0]
    lengths, shared = [len(one.ids) for one in row], objective.opening(row)
    tokens = sum(lengths) - shared * (len(row) - 1)
    grain = objective.GRAIN if way == "filled groups" else 1
    groups = Documents.of(lengths, shared, torch.device("cpu"), grain).groups
    seen = benchmark.facts(tokens, objective.loss_tokens(row), groups, dtype)
    told = seen.told / tokens
    planned = rows.packed(tokens, way, told, sum(lengths) / len(lengths))
    assert planned.keys == pytest.approx(seen.keys, rel=0.15)
    assert planned.pairs == pytest.approx(seen.pairs, rel=0.2)
    assert planned.told == pytest.approx(seen.told, abs=objective.GRAIN)


def test_long_documents_have_no_weights_to_keep() -> None:
    brief, long = (rows.packed(1024, "filled groups", length=length) for length in (256, 257))
    assert (brief.short, brief.pairs) == (brief.keys, brief.keys * 256)
    assert (long.short, long.pairs) == (0, 0)


def test_a_kernel_sees_openings_again_as_keys_alone_and_no_padding() -> None:
    row = rows.packed(1000, "stretches")
    assert row.tokens == row.queries == 1000
    assert 1000 < row.keys < rows.packed(1000, "groups").keys


def test_one_conversation_alone_is_seen_once() -> None:
    assert rows.alone(100, "groups") == rows.Row(100, 50, 100, 100)
    assert rows.alone(100, "filled groups") == rows.Row(128, 64, 128, 128, 128, 128 * 128)
