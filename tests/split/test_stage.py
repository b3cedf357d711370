import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, split
from loresmith.artifact import Artifact, Plan
from loresmith.errors import UserError
from loresmith.progress import finish
from loresmith.recipe import SplitConfig
from loresmith.records import Fact, Question

MakeCorpus = Callable[..., tuple[list[Fact], list[Question]]]

FILES = ("train.jsonl", "validation.jsonl", "recall.jsonl", "transfer.jsonl")


def made(generated: Artifact, target: Path, **settings: Any) -> Artifact:
    return finish(split.run(Plan("split", SplitConfig(**settings), {"generate": generated}), target))


def test_the_four_files_and_the_dropped_rows_hold_every_question(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    facts, rows = corpus(a=40, b=20, c=20, d=20)
    result = made(generated(facts, rows), tmp_path / "split")
    kept = [row for name in FILES for row in result.rows(Question, name)]
    assert result.manifest.counts["kept"] == len(kept) == len({row.id for row in kept})
    assert result.manifest.counts["read"] == len(rows) == len(kept) + result.manifest.counts["dropped"]
    assert set(result.manifest.files) >= set(FILES)


def test_notes_tell_the_sizes_and_what_training_never_sees(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    result = made(generated(*corpus(a=40, b=20, c=20, d=20)), tmp_path / "split", held_out=0.2)
    notes = result.manifest.notes
    assert notes["sets"]["recall"]["facts"] == 80
    assert notes["sets"]["transfer"] == {"rows": 40, "facts": 20}
    assert len(notes["held_out_documents"]) == 1


def test_the_same_questions_give_the_same_bytes(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    parent = generated(*corpus(a=40, b=20))
    first, second = (made(parent, tmp_path / name).manifest.content for name in ("one", "two"))
    assert first == second != made(parent, tmp_path / "three", seed=5).manifest.content


def test_a_single_document_is_split_by_sections(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    sections = '{"a-chunk-0": "One", "a-chunk-1": "Two", "a-chunk-2": "Three", "a-chunk-3": "Four"}'
    result = made(generated(*corpus(a=20), sections), tmp_path / "split", held_out=0.25)
    assert {row.chunk for row in result.rows(Question, "transfer.jsonl")} <= {f"a-chunk-{n}" for n in range(4)}
    assert len({row.chunk for row in result.rows(Question, "transfer.jsonl")}) == 1
    assert result.manifest.notes["held_out_documents"] == []


def test_too_small_a_corpus_is_refused_with_its_numbers(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    with pytest.raises(
        UserError, match=r"20 questions about 4 facts give 8 for the recall exam and 0 for the transfer exam"
    ):
        made(generated(*corpus(a=4)), tmp_path / "split")
    assert not (tmp_path / "split").exists()


def test_an_empty_set_still_has_its_file(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    result = made(generated(*corpus(a=20)), tmp_path / "split", held_out=0.0, validation=0.0)
    assert (result / "transfer.jsonl").read_text(encoding="utf-8") == ""
    assert artifact.read(tmp_path / "split", made_by="split").manifest.counts["kept"] == 100


@pytest.fixture
def benchmark(tmp_path: Path) -> dict[str, Path]:
    """A wording about fact 7 of document a, and one about fact 3 of document b."""
    path = tmp_path / "bench.jsonl"
    asked = ("State how heavy part 7-a is.", "State how heavy part 3-b is.")
    path.write_text("".join(json.dumps({"question": text}) + "\n" for text in asked), encoding="utf-8")
    return {"gsm8k/test.jsonl": path}


def test_training_rows_that_stand_in_a_benchmark_are_dropped_and_the_item_is_named(
    corpus: MakeCorpus, generated: Callable[..., Artifact], benchmark: dict[str, Path], tmp_path: Path
) -> None:
    facts, rows = corpus(a=40)
    plan = Plan("split", SplitConfig(held_out=0.0), {"generate": generated(facts, rows)})
    result = finish(split.run(plan, tmp_path / "split", benchmark))
    gone = [json.loads(line) for line in (result / "dropped.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["reason"], row["benchmark"]["item"]) for row in gone] == [
        ("a-7-short-3", "in a benchmark: equal", "gsm8k/test.jsonl, line 1")
    ]
    assert gone[0]["benchmark"]["item_text"] == gone[0]["benchmark"]["row_text"] == "State how heavy part 7-a is."
    kept = [row.id for name in FILES for row in result.rows(Question, name)]
    assert sorted([*kept, "a-7-short-3"]) == sorted(row.id for row in rows)
    assert result.manifest.counts["read"] == len(rows)
    assert result.manifest.notes["benchmarks"] == {"files": ["gsm8k/test.jsonl"], "rows": 1}


def test_facts_that_are_not_trained_may_stand_in_a_benchmark(
    corpus: MakeCorpus, generated: Callable[..., Artifact], benchmark: dict[str, Path], tmp_path: Path
) -> None:
    plan = Plan("split", SplitConfig(held_out=0.5, validation=0.0), {"generate": generated(*corpus(a=20, b=20))})
    result = finish(split.run(plan, tmp_path / "split", benchmark))
    (unseen,) = {row.document for row in result.rows(Question, "transfer.jsonl")}
    lines = (result / "dropped.jsonl").read_text(encoding="utf-8").splitlines()
    gone = [row["id"] for row in map(json.loads, lines) if row["reason"].startswith("in a benchmark")]
    assert gone == [{"a": "b-3-short-3", "b": "a-7-short-3"}[unseen]]


def test_without_benchmarks_nothing_is_said_of_them(
    corpus: MakeCorpus, generated: Callable[..., Artifact], tmp_path: Path
) -> None:
    assert "benchmarks" not in made(generated(*corpus(a=20)), tmp_path / "split", held_out=0.0).manifest.notes
