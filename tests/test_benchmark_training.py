"""The benchmark of fine-tuning runs in toy size, so that it does not rot, and its gates hold."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

FOLDER = Path(__file__).parents[1] / "benchmarks"


def opened(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module(name)


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return opened("training_cpu", monkeypatch)


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return opened("training_gpu", monkeypatch)


@pytest.mark.parametrize("name", ["ours", "TRL, packed, no checkpointing"])
def test_a_contender_learns_while_its_time_is_taken(benchmark: ModuleType, name: str) -> None:
    if name.startswith("TRL"):
        pytest.importorskip("trl")
    figures = benchmark.measured(name, "toy", 0)
    assert figures["steps"] >= 12
    assert figures["tokens_per_cpu_second"] > 0
    assert benchmark.is_alive(figures)


def test_a_packed_gradient_is_that_of_its_conversations(benchmark: ModuleType) -> None:
    assert benchmark.measured("gradients", "toy", 0)["gradient_error"] < benchmark.LARGEST_ERROR


def run(rate: float, first: float = 6.0, last: float = 5.0, norm: float = 0.1) -> dict[str, Any]:
    return {
        "tokens_per_cpu_second": rate, "first_loss": first, "last_loss": last, "smallest_gradient_norm": norm,
        "peak_mib": 500,
    }  # fmt: skip


def test_medians_and_ratios_stand_in_the_table_and_no_dead_run_gets_a_figure(benchmark: ModuleType) -> None:
    rows = {
        benchmark.NAIVE: [run(100), run(90), run(300)],
        "TRL, its defaults": [run(200)],
        "TRL, packed": [run(9000, norm=0.0)],
        "ours, fp32": [run(9000, last=6.5)],
        benchmark.OURS: [run(1000)],
    }
    text, rates = benchmark.table(rows)
    assert "| ours | 1,000 (1,000, 1,000) | 10.0 | 5.0 |" in text
    assert "| Trainer, padded to 512 | 100 (90, 300) | 1.0 | 0.5 |" in text
    assert text.count("nothing learned") == 2
    assert benchmark.missed("5m", rates, 2e-7) == []
    assert len(benchmark.missed("5m", rates | {"best of TRL": 500.0, benchmark.NAIVE: 200.0}, 1e-3)) == 3


def test_the_harness_for_a_gpu_runs_in_toy_size(on_gpu: ModuleType) -> None:
    found = on_gpu.measured("ours, 4k tokens a step", "toy", 0)
    line, rate = on_gpu.row("ours, 4k tokens a step", "toy", [found], 100.0)
    assert rate > 0 and "nothing learned" not in line
    assert on_gpu.measured("unknown", "toy", 0) == "KeyError: 'unknown'"
    line, rate = on_gpu.row("TRL", "toy", ["ModuleNotFoundError: trl", found], 100.0)
    assert "ModuleNotFoundError" in line and rate != rate


@pytest.mark.parametrize(("shape", "giga"), [("qwen2.5-3b", 11.72), ("llama-3.2-3b", 12.06)])
def test_the_operations_of_a_token_are_those_of_the_frozen_products(
    on_gpu: ModuleType, shape: str, giga: float
) -> None:
    assert on_gpu.model_flops(shape) / 1e9 == pytest.approx(giga, abs=0.02)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_nothing_is_claimed(
    on_gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["training_gpu.py"])
    assert on_gpu.main() == 1
    assert "not measured" in capsys.readouterr().out
