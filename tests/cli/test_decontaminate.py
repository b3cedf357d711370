import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.dataset import command
from loresmith.errors import NothingKept, UserError
from loresmith.exchange.files import REPORT
from loresmith.exchange.reading import read
from loresmith.records import Question
from tests.serve.shelf import build_project

Decontaminate = Callable[..., Result]
QUESTION = "Which of these valves lets steam out of the boiler before the pressure bursts the third drum?"
ROWS = [
    {"instruction": "Add.", "input": "1, 2", "output": "3"},
    {"instruction": QUESTION, "input": "", "output": "The relief valve."},
    {"instruction": "Add.", "input": "2, 2", "output": ""},
    {"instruction": "Explain.", "input": f"Somebody asks: {QUESTION}", "output": "It is about valves."},
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "rows.json"
    path.parent.mkdir()
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    return path


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    path = tmp_path / "bench" / "test.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps({"question": QUESTION, "answer": "A"}) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def decontaminate() -> Decontaminate:
    def invoke(*words: object) -> Result:
        return CliRunner().invoke(command, ["decontaminate", *map(str, words)])

    return invoke


def test_a_table_names_both_rows_the_check_and_the_evidence(
    decontaminate: Decontaminate, rows: Path, benchmark: Path
) -> None:
    done = decontaminate(rows, "--against", benchmark)
    assert done.exit_code == 0
    for line in (
        "1 items of 1 benchmark files",
        "3 conversations = 1 clean + 2 in a benchmark",
        "1 rows are no conversations and were not compared",
        "2  bench/test.jsonl",
        "rows-2: equal (the same words)",
        f"item  bench/test.jsonl, line 1, question: {QUESTION!r}",
        "rows-4: run of words (which of these valves lets steam out of the boiler before the pressure)",
    ):
        assert line in done.stdout
    assert done.stdout.rstrip().endswith(f"decontaminate {rows} --against {benchmark} --out FOLDER")


def test_out_holds_the_clean_rows_and_every_other_row_with_its_reason(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert decontaminate(rows, "--against", benchmark, "--out", out).exit_code == 0
    clean = read(out)
    assert clean.accounts[0].format == "alpaca"  # as they came
    assert [dialogue.turns[0].text for dialogue in clean.dialogues] == ["Add.\n1, 2"]
    gone = [json.loads(line) for line in (out / "dropped.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["reason"] for row in gone] == [
        "in a benchmark: equal",
        "in a benchmark: run of words",
        "an empty answer",
    ]
    assert (gone[0]["row"], gone[0]["item"], gone[0]["item_text"]) == ("rows-2", "bench/test.jsonl, line 1", QUESTION)
    assert len(clean.dialogues) + len(gone) == len(ROWS)
    assert json.loads(rows.read_text(encoding="utf-8")) == ROWS


def test_the_clean_rows_of_an_exam_are_an_exam(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    (rows.parent / REPORT).write_text('{"exams": ["train"]}', encoding="utf-8")
    assert decontaminate(rows, "--against", benchmark, "--out", tmp_path / "out").exit_code == 0
    assert json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))["exams"] == ["train"]


def test_json_has_every_pair_and_counts_that_balance(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    done = decontaminate(rows, "--against", benchmark.parent, "--json", "--out", tmp_path / "out")
    found = json.loads(done.stdout)
    assert found["conversations"] == found["clean"] + found["contaminated"] == 3
    assert found["contaminated"] == sum(found["reasons"].values()) == len(found["hits"]) == 2
    assert found["wrote"]["written"] == {"train": 1}


def test_clean_rows_have_no_next_step_but_a_count(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    benchmark.write_text('{"question": "When was the bridge over the Tarn built and by whom?"}\n', encoding="utf-8")
    shown = decontaminate(rows, "--against", benchmark).stdout
    assert "3 conversations = 3 clean + 0 in a benchmark" in shown
    assert "Next:" not in shown


def test_the_flags_decide_what_counts(decontaminate: Decontaminate, rows: Path, benchmark: Path) -> None:
    shown = decontaminate(rows, "--against", benchmark, "--ngram", 18, "--near-duplicate", 1.0).stdout
    assert "3 conversations = 1 clean" in shown  # 17 words: whole, as a question shorter than a run
    benchmark.write_text(json.dumps({"question": f"{QUESTION} Say why."}) + "\n", encoding="utf-8")
    shown = decontaminate(rows, "--against", benchmark, "--ngram", 18, "--near-duplicate", 1.0).stdout
    assert "3 conversations = 3 clean" in shown
    fault = decontaminate(rows, "--against", benchmark, "--ngram", 2).exception
    assert isinstance(fault, UserError)
    assert "ngram" in fault.problem


def test_bad_input_is_one_error_and_writes_nothing(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    occupied = tmp_path / "thesis"
    occupied.mkdir()
    (occupied / "chapter.txt").write_text("Years of work.")
    cases: list[tuple[tuple[object, ...], str]] = [
        ((rows, "--against", tmp_path / "gone"), "no benchmark at"),
        ((tmp_path / "gone", "--against", benchmark), "nothing at"),
        ((rows, "--against", benchmark, "--out", tmp_path / "out.jsonl"), "names a file"),
        ((rows, "--against", benchmark, "--out", occupied), "is there already"),
        ((rows, "--against", benchmark, "--out", rows.parent), "holds the source"),
        ((rows, "--against", benchmark, "--out", benchmark.parent), "holds the source"),
    ]
    before = sorted(tmp_path.rglob("*"))
    for words, told in cases:
        fault = decontaminate(*words).exception
        assert isinstance(fault, UserError)
        assert fault.exit_code == 2
        assert told in fault.problem
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dataset_that_is_all_benchmark_is_not_written_empty(
    decontaminate: Decontaminate, rows: Path, benchmark: Path, tmp_path: Path
) -> None:
    rows.write_text(json.dumps(ROWS[1:2]), encoding="utf-8")
    fault = decontaminate(rows, "--against", benchmark, "--out", tmp_path / "out").exception
    assert isinstance(fault, NothingKept)
    assert not (tmp_path / "out").exists()


def test_of_a_project_the_training_rows_are_compared(decontaminate: Decontaminate, tmp_path: Path) -> None:
    project = build_project(tmp_path / "project")
    lines = (project.path / "split" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    trained = Question.model_validate_json(lines[0])
    benchmark = tmp_path / "bench.jsonl"
    benchmark.write_text(json.dumps({"question": trained.question}) + "\n", encoding="utf-8")
    found = json.loads(decontaminate(project.path, "--against", benchmark, "--json").stdout)
    assert trained.id in [hit["row"] for hit in found["hits"]]
