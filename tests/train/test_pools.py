"""Rows of others on their way into a training: what is read, what is cut, and why."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import NothingKept, UserError
from loresmith.models.locate import find
from loresmith.models.weights import load_tokenizer
from loresmith.recipe import DecontaminateConfig, MixSource
from loresmith.train.pools import Pool, Reader, exam_index

Open = Callable[..., Pool]
EXAM = "How many bar does the relief valve of the Corvid open at?"


def alpaca(count: int) -> list[dict[str, Any]]:
    return [{"instruction": f"What weighs {n} kg?", "input": "", "output": f"item {n}"} for n in range(count)]


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def opened(tiny_model: Path, tmp_path: Path) -> Open:
    exam = write(tmp_path / "exams" / "recall.jsonl", [{"question": EXAM, "answer": "4", "options": []}])

    def make(path: Path, max_length: int = 128, **settings: Any) -> Pool:
        index = exam_index({"recall.jsonl": exam, "none.jsonl": tmp_path / "none"}, DecontaminateConfig())
        reader = Reader(load_tokenizer(find(str(tiny_model))), max_length, index, seed=3)
        return Pool(MixSource.model_validate({"source": str(path), **settings}), path, reader)

    return make


def test_rows_are_converted_as_they_are_needed_in_an_order_of_the_seed(opened: Open, tmp_path: Path) -> None:
    pool = opened(write(tmp_path / "rows.jsonl", alpaca(40)))
    assert [row.conversation for row in pool.first(3)] == [row.conversation for row in pool.first(5)[:3]]
    assert len(pool.kept) == 5
    again = opened(tmp_path / "rows.jsonl").first(40)
    assert len(again) == len({row.conversation.ids for row in again}) == 40
    assert again[:5] == pool.kept
    assert [row.task.answer for row in again] != [f"item {n}" for n in range(40)]


@pytest.mark.parametrize("changes", [{}, {"instruction": EXAM.upper()}, {"instruction": EXAM.replace("many", "much")}])
def test_a_row_that_stands_in_an_exam_is_cut_and_said_so(opened: Open, tmp_path: Path, changes: dict[str, str]) -> None:
    leak = {"instruction": EXAM, "input": "", "output": "seven", **changes}
    pool = opened(write(tmp_path / "rows.jsonl", [*alpaca(4), leak]))
    assert len(pool.first(9)) == 4
    ((row, reason),) = pool.dropped
    assert reason.startswith("in an exam (recall.jsonl): ")
    assert row["question"] == leak["instruction"]


def test_too_long_rows_and_tool_calls_are_dropped_with_their_reasons(opened: Open, tmp_path: Path) -> None:
    calls = {
        "messages": [
            {"role": "user", "content": "Weigh it."},
            {
                "role": "assistant",
                "tool_calls": [{"type": "function", "function": {"name": "weigh", "arguments": "{}"}}],
            },
            {"role": "tool", "content": "4"},
            {"role": "assistant", "content": "4 kg"},
        ]
    }
    long = {"messages": [{"role": "user", "content": "so " * 200}, {"role": "assistant", "content": "yes"}]}
    short = {"messages": [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "yes"}]}
    pool = opened(write(tmp_path / "rows.jsonl", [calls, long, short]))
    assert len(pool.first(3)) == 1
    reasons = {"tool calls are not trained", "longer than train.max_length (128 tokens)"}
    assert {reason for _, reason in pool.dropped} == reasons


def test_of_several_turns_the_last_answer_is_learned(opened: Open, tmp_path: Path, tiny_model: Path) -> None:
    said = [("user", "One?"), ("assistant", "Two."), ("user", "Three?"), ("assistant", "Four.")]
    rows = [{"messages": [{"role": "system", "content": "Count."}, *({"role": r, "content": c} for r, c in said)]}]
    (row,) = opened(write(tmp_path / "rows.jsonl", rows)).first(1)
    tokenizer = load_tokenizer(find(str(tiny_model)))
    learned = row.conversation
    assert tokenizer.decode(learned.ids[learned.completion :]) == "Four.<|im_end|>"
    shown = tokenizer.decode(learned.ids[: learned.completion])
    assert all(word in shown for word in ("Count.", "One?", "Two.", "Three?"))


def test_what_is_for_examining_is_passed_over(opened: Open, tmp_path: Path) -> None:
    for split, count in (("train", 5), ("test", 3), ("validation", 2)):
        write(tmp_path / "set" / f"{split}.jsonl", alpaca(count))
    pool = opened(tmp_path / "set")
    assert (pool.size, pool.passed_over) == (5, 5)


@pytest.mark.parametrize("name", ["test.jsonl", "recall.jsonl", "validation.jsonl"])
def test_a_source_that_is_only_for_examining_is_refused(opened: Open, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=rf"{name.removesuffix('.jsonl')} rows alone"):
        opened(write(tmp_path / name, alpaca(3)))


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "holds no rows"), ('{"a": 1}\n', "a.?"), ('{"instruction": "", "output": "x"}\n', "None of the rows")],
)
def test_a_source_without_a_row_is_an_error_that_names_it(
    opened: Open, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "empty.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=said) as fault:
        opened(tmp_path / "empty.jsonl")
    assert "empty.jsonl" in fault.value.problem


@pytest.mark.parametrize(
    ("row", "card", "given", "expected"),
    [
        ({}, "", None, "unknown"),
        ({}, "---\nlicense: mit\n---\n", None, "mit"),
        ({"license": "cc-by-4.0"}, "---\nlicense: other\n---\n", None, "cc-by-4.0"),
        ({"license": "cc-by-4.0"}, "---\nlicense: other\n---\n", "apache-2.0", "apache-2.0"),
        ({}, "# A title\nlicense: mit\n", None, "unknown"),
    ],
)
def test_the_licence_is_that_of_the_recipe_of_the_row_or_of_the_card(
    opened: Open, tmp_path: Path, row: dict[str, str], card: str, given: str | None, expected: str
) -> None:
    write(tmp_path / "set" / "train.jsonl", [{**one, **row} for one in alpaca(2)])
    (tmp_path / "set" / "README.md").write_text(card, encoding="utf-8")
    settings = {"license": given} if given else {}
    assert {one.license for one in opened(tmp_path / "set", **settings).first(2)} == {expected}


def test_the_difficulty_of_a_prepared_row_comes_along(opened: Open, tmp_path: Path) -> None:
    rows = [{**one, "difficulty": f"0.{n}"} for n, one in enumerate(alpaca(2))]
    pool = opened(write(tmp_path / "rows.jsonl", rows))
    assert sorted(row.difficulty or 0.0 for row in pool.first(2)) == [0.0, 0.1]
    assert opened(write(tmp_path / "plain.jsonl", alpaca(1))).first(1)[0].difficulty is None


def test_nothing_kept_is_a_failure(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(NothingKept):
        opened(write(tmp_path / "rows.jsonl", [{"instruction": "What?", "output": ""}]))
