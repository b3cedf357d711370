"""The benchmark of the published recipes runs in toy size, so that it does not rot, and says what it measured."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
PAIRS = [
    (f"How many bolts hold plate {number}{' of the frame' * (number % 3)}?", f"{number} bolts hold it.")
    for number in range(3, 15)
]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("seed_recipes")


@pytest.fixture
def rows(benchmark: ModuleType, tmp_path: Path) -> Path:
    made = benchmark.encoded(PAIRS, 512)
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"train": made[:8], "held_out": made[8:]}))
    return path


def test_both_sides_of_a_recipe_train_on_the_same_tokens_and_only_theirs_are_padded(
    benchmark: ModuleType, rows: Path
) -> None:
    pytest.importorskip("datasets")
    theirs, ours = (benchmark.measured("domain-experts", side, rows) for side in ("theirs", "ours"))
    train = json.loads(rows.read_text())["train"]
    tokens = 3 * sum(len(ids) for ids, _ in train)
    assert theirs["tokens"] == ours["tokens"] == theirs["real"] == tokens < theirs["computed"]
    assert theirs["with_loss"] == tokens - 3 * 8  # all but the first token of each
    assert ours["real"] < tokens  # the opening that the conversations of a step share is one
    assert ours["real"] <= ours["computed"] < theirs["computed"]  # in 16 bits rows are filled up to few lengths
    assert ours["with_loss"] == 3 * sum(len(ids) - begin for ids, begin in train)
    assert theirs["losses"] != ours["losses"]


def run(loss: float, **figures: Any) -> dict[str, Any]:
    return {
        "real": 50, "computed": 100, "with_loss": 25, "tokens_per_second": 9.0, "tokens_per_cpu_second": 10.0,
        "peak_mib": 5, "losses": [loss * 2, loss * 4],
    } | figures  # fmt: skip


def test_the_table_has_shares_ratio_and_loss_per_token_and_the_line_below_it_the_change(benchmark: ModuleType) -> None:
    case = benchmark.Case("x", "rows.json", 2, 2, "padded")
    found = {"theirs": run(2.0), "ours": run(1.5, tokens_per_cpu_second=40.0, real=100)}
    theirs, ours = benchmark.lines(case, found, [2, 4])
    assert theirs == "| x | padded | 50% | 25% | 9 | 10 | 1.0 | 2.000 (2.000, 2.000) | 5 MiB |"
    assert ours == "| x | ours | 100% | 25% | 9 | 40 | 4.0 | 1.500 (1.500, 1.500) | 5 MiB |"
    said = benchmark.verdict(case, [4.0, 8.0], found, [2, 4])
    assert "2 held-out answers, 6 tokens; before training 2.000 (2.000, 2.000)" in said
    assert said.endswith("ours less theirs -0.500 (-0.500, -0.500)")


def test_what_could_not_be_measured_has_no_figure_and_no_ratio(benchmark: ModuleType) -> None:
    case = benchmark.Case("x", "rows.json", 2, 2, "four bits")
    found = {"theirs": {"not_measured": "no bitsandbytes"}, "ours": run(1.0)}
    theirs, ours = benchmark.lines(case, found, [2, 4])
    assert "not measured: no bitsandbytes" in theirs
    assert "| – |" in ours
    assert "ours less theirs" not in benchmark.verdict(case, [4.0, 8.0], found, [2, 4])


def test_rows_that_are_not_there_are_made_of_the_bundled_guide(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    guide = tmp_path / "guide"
    guide.mkdir()
    text = (benchmark.GUIDE / "11-planning-a-project.md").read_text(encoding="utf-8")
    (guide / "planning.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(benchmark, "GUIDE", guide)
    case = benchmark.Case("x", "rows.json", 8, 4, "padded")
    name, train, held_out = benchmark.rows_of(case, tmp_path / "nowhere", tmp_path / "project")
    assert name == "the bundled field guide"
    assert train and held_out and not set(train) & set(held_out)
