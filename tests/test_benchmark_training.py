"""The benchmark of fine-tuning runs in toy size, so that it does not rot, and its gates hold."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "training_cpu.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("training_cpu", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
