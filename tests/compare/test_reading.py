"""What each tool leaves behind, and what is made of it."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.compare.changes import compare, matched
from loresmith.compare.contests import exams
from loresmith.compare.reading import read
from loresmith.errors import UserError
from tests.compare.conftest import written_benchmark

RIGHT = {"base": [False] * 20, "lora": [True, False] * 10}
RAGAS = [
    {
        "user_input": f"What is valve {i} rated?",
        "retrieved_contexts": "['The valve is rated 4 bar.', 'The pump is old.']",
        "response": "4 bar",
        "reference": "4 bar",
        "faithfulness": 0.5 + i / 20,
        "answer_relevancy": "" if i == 3 else 0.9,
        "llm_context_precision_with_reference": 1.0,
    }
    for i in range(8)
]


def write_csv(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_an_exam_is_read_by_arm_with_kinds_and_sources(tmp_path: Path, write_exam: Callable[..., Path]) -> None:
    project = write_exam(tmp_path / "p", RIGHT)
    results = read(project, "lora")
    assert [(sheet.name, sheet.measure, len(sheet.marks)) for sheet in results.sheets] == [
        ("recall", "correct", 20),
        ("recall", "token_f1", 10),
        ("transfer", "correct", 20),
        ("transfer", "token_f1", 10),
    ]
    first, second = results.sheets[0].marks[:2]
    assert (first.question, first.score, second.score) == ("recall-0", 1.0, 0.0)
    assert dict(first.tags) == {"form": "short", "kind": "number", "document": "manual-0.md"}
    assert results.sheets[0].settings["choice_scoring"] == "text"
    assert read(project / "exam", "lora").sheets == results.sheets
    assert read(project).label.startswith("lora in ")


def test_an_exam_without_its_own_split_knows_documents_by_their_ids(
    tmp_path: Path, write_exam: Callable[..., Path]
) -> None:
    project, other = write_exam(tmp_path / "p", RIGHT), write_exam(tmp_path / "q", RIGHT, first=100)
    shutil.rmtree(project / "split")
    shutil.copytree(other / "split", project / "split")
    results = read(project)
    assert dict(results.sheets[0].marks[0].tags) == {"form": "short", "document": "doc-0"}
    assert results.notes


def test_an_arm_that_was_not_examined_is_refused_with_those_that_were(
    tmp_path: Path, write_exam: Callable[..., Path]
) -> None:
    project = write_exam(tmp_path / "p", RIGHT)
    with pytest.raises(UserError, match="'rag' was not examined") as caught:
        read(project, "rag")
    assert "base, lora" in caught.value.next_step


def test_lm_eval_gives_a_sheet_for_each_measure_and_filter(recorded: Path) -> None:
    results = read(recorded / "second")
    assert results.tool == "lm-evaluation-harness"
    assert results.label == "tiny-b"
    assert [(sheet.name, sheet.measure, len(sheet.marks)) for sheet in results.sheets] == [
        ("parts", "acc", 12),
        ("parts", "acc_norm", 12),
        ("sums", "exact_match, strict-match", 6),
        ("sums", "exact_match, flexible-extract", 6),
    ]
    mean = sum(mark.score for mark in results.sheets[0].marks) / 12
    recorded_figures = json.loads(next((recorded / "second").rglob("results_*.json")).read_text(encoding="utf-8"))
    assert mean == pytest.approx(recorded_figures["results"]["parts"]["acc,none"])


def test_lm_eval_questions_are_known_by_their_documents_and_not_by_their_place(tmp_path: Path, recorded: Path) -> None:
    """The same questions in another order, as a shuffled or cut copy of the benchmark gives them."""
    folder = tmp_path / "tiny-a"
    shutil.copytree(recorded / "first" / "tiny-a", folder)
    samples = next(folder.glob("samples_parts_*"))
    rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()][::-1]
    write_lines(samples, [row | {"doc_id": place} for place, row in enumerate(rows)])
    names = [[mark.question for mark in read(place).sheets[0].marks] for place in (recorded / "first", folder)]
    assert names[0] == names[1][::-1]
    assert len(set(names[0])) == 12


def test_lm_eval_records_how_a_task_was_scored(recorded: Path) -> None:
    plain, shown = read(recorded / "second").sheets[0].settings, read(recorded / "few-shot").sheets[0].settings
    assert (plain["num_fewshot"], shown["num_fewshot"]) == ("0", "2")
    assert (plain["chat template"], shown["chat template"]) == ("not applied", "applied")
    assert plain["version"] == "1.0"


def test_lm_eval_without_samples_is_a_figure_with_its_number_of_questions(tmp_path: Path, recorded: Path) -> None:
    file = next((recorded / "second").rglob("results_*.json"))
    copy = shutil.copy(file, tmp_path / file.name)
    sheet = read(Path(copy)).sheets[0]
    assert sheet.marks == ()
    assert sheet.total is not None
    assert (sheet.total.n, sheet.total.value) == (12, pytest.approx(1 / 12, abs=1e-6))


def test_of_a_task_that_was_run_twice_the_newest_counts(tmp_path: Path, recorded: Path) -> None:
    folder = tmp_path / "tiny-b"
    shutil.copytree(recorded / "second" / "tiny-b", folder)
    for file in (recorded / "few-shot" / "tiny-b").iterdir():
        shutil.copy(file, folder / file.name)
    results = read(folder)
    by_name = {(sheet.name, sheet.measure): sheet for sheet in results.sheets}
    assert by_name["parts", "acc"].settings["num_fewshot"] == "2"
    assert ("sums", "exact_match, strict-match") in by_name
    assert results.notes == ("1 older results of tasks that were run again",)


def test_results_of_two_models_in_one_folder_are_refused(recorded: Path) -> None:
    with pytest.raises(UserError, match="several models: tiny-a, tiny-b"):
        read(recorded)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_ragas_scores_are_measures_and_what_has_no_score_is_counted(tmp_path: Path, suffix: str) -> None:
    rows = [dict(row) for row in RAGAS]
    if suffix == ".jsonl":
        rows[3]["answer_relevancy"] = float("nan")  # as pandas writes it
    path = (write_csv if suffix == ".csv" else write_lines)(tmp_path / f"scores{suffix}", rows)
    results = read(path)
    assert results.tool == "ragas"
    assert [(sheet.measure, len(sheet.marks), sheet.unscored) for sheet in results.sheets] == [
        ("faithfulness", 8, 0),
        ("answer_relevancy", 7, 1),
        ("llm_context_precision_with_reference", 8, 0),
    ]
    assert results.sheets[0].marks[2].score == pytest.approx(0.6)


def test_ragas_questions_of_both_ages_are_the_same_questions(tmp_path: Path) -> None:
    old = [{"question": f"  {row['user_input']}".upper(), "faithfulness": 1} for row in RAGAS]
    new, earlier = write_lines(tmp_path / "new.jsonl", RAGAS), write_lines(tmp_path / "old.jsonl", old)
    names = [[mark.question for mark in read(path).sheets[0].marks] for path in (new, earlier)]
    assert names[0] == names[1]


def test_marks_may_be_of_several_benchmarks_and_arms(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"benchmark": name, "arm": arm, "id": i, "correct": arm == "lora", "subject": "law"}
        for name in ("gsm8k", "arc")
        for arm in ("base", "lora")
        for i in range(3)
    ]
    path = write_csv(tmp_path / "marks.csv", rows)
    results = read(path, "lora")
    assert [(sheet.name, [mark.score for mark in sheet.marks]) for sheet in results.sheets] == [
        ("gsm8k", [1.0] * 3),
        ("arc", [1.0] * 3),
    ]
    assert dict(results.sheets[0].marks[0].tags) == {"subject": "law"}
    with pytest.raises(UserError, match="several arms: base, lora"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.jsonl", '{"id": "a", "correct": "perhaps"}\n', "row 1 has no `id`, or 'perhaps'"),
        ("x.jsonl", '{"id": "a", "correct": 1}\n{"id": "a", "correct": 0}\n', "more than once"),
        ("x.jsonl", '{"id": "a"\n', "line 1 is not JSON"),
        ("x.jsonl", "[1]\n", "line 1 is no object"),
        ("x.jsonl", '{"name": "a"}\n', "neither `id` and `correct`"),
        ("x.jsonl", '{"user_input": "a", "response": "b"}\n', "no column of scores"),
        ("x.jsonl", "", "holds no row"),
        ("x.json", "{}", "holds no list of rows"),
        ("x.txt", "a", "no file of results"),
        ("results_2026-01-01T00-00-00.json", "{}", "has no `results`"),
        ("results_2026-01-01T00-00-00.json", '{"results": {}}', "holds no scored task"),
    ],
)
def test_what_is_no_result_is_refused_with_its_place(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=said) as caught:
        read(path)
    assert str(path) in caught.value.problem


def test_nothing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing at"):
        read(tmp_path / "no")
    with pytest.raises(UserError, match="no results that are known"):
        read(tmp_path)


def test_a_benchmark_of_ours_is_read_by_arm_and_one_with_sources_counts_as_the_one_without(tmp_path: Path) -> None:
    place = written_benchmark(tmp_path, "arc", {"base": [False] * 4, "lora": [True, False, True, True]}, few_shot=5)
    results = read(place, "lora+rag")
    assert [(sheet.name, sheet.measure) for sheet in results.sheets] == [("arc", "acc"), ("arc", "acc_norm")]
    assert [mark.score for mark in results.sheets[0].marks] == [1.0, 0.0, 1.0, 1.0]
    assert results.sheets[0].settings["few_shot"] == "5"
    assert dict(results.sheets[0].marks[0].tags) == {"subject": "law"}
    assert read(place).sheets == results.sheets
    assert sum(mark.score for mark in read(place, "rag").sheets[0].marks) == 0
    with pytest.raises(UserError, match="was not asked with the adapter"):
        read(written_benchmark(tmp_path, "mmlu", {"base": [True]}), "lora")


def test_long_answers_are_sheets_of_their_own_and_no_right_or_wrong(
    tmp_path: Path, write_exam: Callable[..., Path]
) -> None:
    project = write_exam(tmp_path / "p", RIGHT, long={"lora": 0.5})
    results = read(project, "lora")
    long = [sheet for sheet in results.sheets if "long" in sheet.measure]
    assert [(sheet.name, sheet.measure, len(sheet.marks)) for sheet in long] == [
        (exam, f"{measure} of long answers", 10)
        for exam in ("recall", "transfer")
        for measure in ("ROUGE-L", "BLEU", "F1")
    ]
    assert long[0].marks[0].score == 0.5
    assert long[0].settings["long_max_new_tokens"] == "192"
    assert [len(sheet.marks) for sheet in results.sheets if sheet.measure == "correct"] == [20, 20]
    changed = compare(read(write_exam(tmp_path / "q", RIGHT, long={"lora": 0.25}), "lora"), results)
    found = {change.measure: change for change in changed.changes if change.by == "all" and change.sheet == "recall"}
    assert found["ROUGE-L of long answers"].difference.value == 0.25
    assert found["ROUGE-L of long answers"].outcome == "improved"
    gated = exams(read(project, "lora"), read(project, "lora"))
    assert {contest.new.measure for contest in gated} == {"correct"}


@pytest.mark.parametrize(("judge", "shared"), [("first", 30), ("second", 20), (None, 20)])
def test_long_answers_are_compared_as_right_and_wrong_only_where_the_same_judge_graded_them(
    tmp_path: Path, write_exam: Callable[..., Path], judge: str | None, shared: int
) -> None:
    before = read(write_exam(tmp_path / "p", RIGHT, long={"lora": 0.5}, judge=judge), "lora")
    after = read(write_exam(tmp_path / "q", RIGHT, long={"lora": 0.5}, judge="first"), "lora")
    assert len(after.sheets[0].marks) == 30
    (recall, _) = exams(before, after)  # not refused as scored in different ways
    assert len(matched(recall.old, recall.new)) == shared


def test_each_benchmark_of_a_folder_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for task in ("gsm8k", "sciq"):
        written_benchmark(tmp_path, task, {"base": [True, False] * 5, "lora": [True] * 10})
    opened, whole = [], Path.read_bytes

    def counted(path: Path) -> bytes:
        opened.append(path.parent.name) if path.name == "results.json" else None
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    results = read(tmp_path / "benchmarks", "lora")
    assert sorted({sheet.name for sheet in results.sheets}) == ["gsm8k", "sciq"]
    assert sorted(opened) == ["gsm8k", "sciq"]
