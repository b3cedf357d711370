"""Public benchmarks and instruction rows as they are; skipped where they are not at hand."""

from pathlib import Path

import pytest

from loresmith.contamination.benchmark_files import benchmark_files, items_of
from loresmith.contamination.index import Benchmarks
from loresmith.contamination.screening import contaminated_dialogues
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.exchange.reading import read
from loresmith.recipe import DecontaminateConfig

# As the makers of the sets count them, or as many as the copy holds.
ITEMS = {
    "arc/ARC-Challenge-Dev.jsonl": 294,
    "csbench/CSBench-EN_valid.json": 236,
    "gsm8k/test.jsonl": 1319,
    "hellaswag/hellaswag_val_1000.jsonl": 1000,
    "llm_adapters/openbookqa_test.json": 500,
    "mmlu/test/philosophy_test.csv": 311,
    "mmlu_hendrycks_format/test/philosophy_test.csv": 311,
    "pubmedqa/ori_pqal.json": 1000,
    "scholarqabench/scifact_test.jsonl": 208,
    "sciq/validation.csv": 887,
    "security/CyberMetric-80-v1.json": 80,
    "security/cti-bench/cti-mcq.tsv": 2500,
    "squad/xquad.en.json": 1190,
    "truthfulqa/TruthfulQA.csv": 813,
}
FOUR_CHOICES = ("mmlu/test/philosophy_test.csv", "security/CyberMetric-80-v1.json")


@pytest.mark.parametrize("name", ITEMS)
def test_every_item_of_a_public_benchmark_is_read(shared_data: Path, name: str) -> None:
    items = list(items_of(name, shared_data / "eval" / name))
    assert len(items) == ITEMS[name]
    assert all(item.questions for item in items)


@pytest.mark.parametrize("name", FOUR_CHOICES)
def test_every_item_of_four_choices_has_four(shared_data: Path, name: str) -> None:
    assert {len(item.choices) for item in items_of(name, shared_data / "eval" / name)} == {4}


def test_two_spellings_of_one_benchmark_give_the_same_texts(shared_data: Path) -> None:
    one, two = (
        [(item.questions, item.choices) for item in items_of("m", shared_data / "eval" / name)]
        for name in ("mmlu/test/philosophy_test.csv", "mmlu_hendrycks_format/test/philosophy_test.csv")
    )
    assert one == two


def test_planted_items_are_found_among_real_rows_and_nothing_else(shared_data: Path) -> None:
    names = ("gsm8k/test.jsonl", "squad/xquad.en.json")
    benchmarks = Benchmarks(benchmark_files([shared_data / "eval" / name for name in names]), DecontaminateConfig())
    items = [item for name in names for item in items_of(name, shared_data / "eval" / name)][::50]
    rows = read(shared_data / "instruct" / "dolly" / "dolly_150.jsonl").dialogues
    plants = [
        Dialogue(id=f"plant-{place}", turns=pair(f"{rows[place % 150].turns[0].text}\n{item.questions[0]}", "So."))
        for place, item in enumerate(items)
        if len(item.questions[0].split()) > 9
    ]
    found = [hit.row for hit in contaminated_dialogues([*rows, *plants], benchmarks) if hit is not None]
    assert found == [plant.id for plant in plants]
    assert len(plants) > 30
