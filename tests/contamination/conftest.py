"""Small benchmarks in the shapes that public ones have, written where the test wants them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith.contamination.benchmark_files import benchmark_files
from loresmith.contamination.index import Benchmarks
from loresmith.recipe import DecontaminateConfig

QUESTION = "Which of these valves lets steam out of the boiler before the pressure bursts the third drum?"
WriteBenchmark = Callable[..., Path]
Held = Callable[..., Benchmarks]


@pytest.fixture
def write_benchmark(tmp_path: Path) -> WriteBenchmark:
    """`write_benchmark(rows, name="bench/test.jsonl")`: JSON Lines, or one JSON value by its suffix."""

    def write(rows: Any, name: str = "bench/test.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        else:
            path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def held(write_benchmark: WriteBenchmark) -> Held:
    """`held(rows, **settings)`: a benchmark of these rows, ready to be asked."""

    def make(rows: Sequence[Mapping[str, Any]], **settings: Any) -> Benchmarks:
        return Benchmarks(benchmark_files([write_benchmark(rows)]), DecontaminateConfig(**settings))

    return make
