import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from loresmith.cli.dataset import command
from loresmith.errors import ArtifactMissing, NothingKept, UserError
from loresmith.exchange.files import REPORT
from loresmith.exchange.reading import read
from loresmith.pipeline import Project
from loresmith.records import Question
from tests.serve.shelf import build_project

Dataset = Callable[..., Result]
ROWS = [
    {"instruction": "Add.", "input": "1, 2", "output": "3", "topic": "sums"},
    {"instruction": "Add.", "input": "2, 2", "output": ""},
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "rows.json"
    path.parent.mkdir()
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    return path


@pytest.fixture
def dataset() -> Dataset:
    def invoke(*words: object) -> Result:
        return CliRunner().invoke(command, [str(word) for word in words])

    return invoke


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("dataset"))


def questions(project: Project, name: str) -> list[Question]:
    lines = (project.path / "split" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question.model_validate_json(line) for line in lines]


def test_inspect_tells_format_columns_and_what_is_dropped_where(dataset: Dataset, source: Path) -> None:
    shown = dataset("inspect", source).stdout
    assert f"{source} (train): alpaca, found out" in shown
    assert "2 rows → 1 conversations with 2 turns" in shown
    assert "topic              kept beside" in shown
    assert f"dropped 1: an empty answer; first {source}, row 2" in shown
    assert shown.rstrip().endswith(f"Next: loresmith dataset convert {source} TARGET --to FORMAT")


def test_json_is_one_document_and_nothing_else(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    (account,) = json.loads(dataset("inspect", source, "--json").stdout)["files"]
    assert account["dropped"] == {"an empty answer": 1}
    done = json.loads(dataset("convert", source, tmp_path / "out", "--to", "sharegpt", "--json").stdout)
    assert done["wrote"]["written"] == {"train": 1}


def test_convert_writes_a_folder_with_its_own_report_of_dropped_rows(
    dataset: Dataset, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    shown = dataset("convert", source, target, "--to", "messages", "--license", "mit").stdout
    assert f"1 conversations (train 1) → {target} as messages" in shown
    report = json.loads((target / REPORT).read_text(encoding="utf-8"))
    assert report["dropped"] == [{"place": f"{source}, row 2", "reason": "an empty answer"}]
    assert "license: mit" in (target / "README.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.json"])
def test_a_target_with_a_suffix_is_one_file(dataset: Dataset, source: Path, tmp_path: Path, name: str) -> None:
    assert dataset("convert", source, tmp_path / name, "--to", "sharegpt").exit_code == 0
    assert read(tmp_path / name).dialogues[0].turns[0].text == "Add.\n1, 2"


def test_nothing_is_replaced_without_force_and_never_a_folder_of_other_things(
    dataset: Dataset, source: Path, tmp_path: Path
) -> None:
    target, other = tmp_path / "out", tmp_path / "thesis"
    assert dataset("convert", source, target, "--to", "messages").exit_code == 0
    fault = dataset("convert", source, target, "--to", "alpaca").exception
    assert isinstance(fault, UserError)
    assert "--force" in fault.next_step
    assert dataset("convert", source, target, "--to", "alpaca", "--force").exit_code == 0
    assert read(target).accounts[0].format == "alpaca"
    (target / "outputs").mkdir()
    (target / "outputs" / "adapter.bin").write_text("Hours of training.")
    kept = dataset("convert", source, target, "--to", "messages", "--force").exception
    assert isinstance(kept, UserError)
    assert "outputs/adapter.bin" in kept.problem
    other.mkdir()
    (other / "chapter.txt").write_text("Years of work.")
    refused = dataset("convert", source, other, "--to", "alpaca", "--force").exception
    assert isinstance(refused, UserError)
    assert (other / "chapter.txt").read_text() == "Years of work."


def test_convert_does_not_write_over_its_source(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert dataset("convert", source, made, "--to", "messages").exit_code == 0
    refused = [(source, source), (made, made), (made / "train.jsonl", made), (made, made / "again"), (tmp_path, source)]
    before = sorted(tmp_path.rglob("*"))
    for read_from, target in refused:
        fault = dataset("convert", read_from, target, "--to", "alpaca", "--force").exception
        assert isinstance(fault, UserError)
        assert fault.next_step == "Choose a target beside the source."
    assert sorted(tmp_path.rglob("*")) == before
    assert json.loads(source.read_text(encoding="utf-8")) == ROWS


@pytest.mark.parametrize("name", ["out.csv", "out.JSONL", "out.jsonl.gz"])
def test_a_target_named_like_a_file_that_is_not_written_is_an_error(
    dataset: Dataset, source: Path, tmp_path: Path, name: str
) -> None:
    fault = dataset("convert", source, tmp_path / name, "--to", "messages").exception
    assert isinstance(fault, UserError)
    assert f"No {Path(name).suffix} file is written" in fault.problem
    assert not (tmp_path / name).exists()


def test_a_folder_may_have_a_dot_in_its_name(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    assert dataset("convert", source, tmp_path / "rows-v1.2", "--to", "messages").exit_code == 0
    assert (tmp_path / "rows-v1.2").is_dir()


def test_force_puts_a_file_or_a_folder_in_the_place_of_a_file(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("old")
    (tmp_path / "out").write_text("old")
    assert dataset("convert", source, tmp_path / "out.jsonl", "--to", "messages", "--force").exit_code == 0
    assert dataset("convert", source, tmp_path / "out", "--to", "messages", "--force").exit_code == 0
    assert len(read(tmp_path / "out.jsonl").dialogues) == len(read(tmp_path / "out").dialogues) == 1


def test_bad_input_is_one_error_and_leaves_nothing_behind(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    source.write_text('[{"instruction": "Add.",\n "output" 3}]', encoding="utf-8")
    fault = dataset("convert", source, tmp_path / "out", "--to", "alpaca").exception
    assert isinstance(fault, UserError)
    assert f"{source}, line 2 is not JSON" in fault.problem
    assert not (tmp_path / "out").exists()
    assert dataset("convert", source, tmp_path / "out", "--to", "word").exit_code == 2


def test_a_target_that_can_hold_no_row_is_an_error_with_the_reason(
    dataset: Dataset, source: Path, tmp_path: Path
) -> None:
    source.write_text(json.dumps([{**ROWS[0], "system": "Be brief."}]), encoding="utf-8")
    fault = dataset("convert", source, tmp_path / "out", "--to", "ragas").exception
    assert isinstance(fault, NothingKept)
    assert "a system prompt has no place in it (1)" in fault.problem


def test_a_failure_while_writing_leaves_nothing_behind(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    source.write_text(json.dumps([{**ROWS[0], "system": system} for system in ("A", "B")]), encoding="utf-8")
    fault = dataset("convert", source, tmp_path / "out", "--to", "lm-eval").exception
    assert isinstance(fault, UserError)
    assert "2 different system prompts" in fault.problem
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_two_splits_do_not_go_into_one_file(dataset: Dataset, source: Path, tmp_path: Path) -> None:
    (source.parent / "validation.json").write_text(json.dumps(ROWS), encoding="utf-8")
    fault = dataset("convert", source.parent, tmp_path / "out.jsonl", "--to", "alpaca").exception
    assert isinstance(fault, UserError)
    assert fault.next_step == f"Give a folder as target: {tmp_path / 'out'}."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_export_writes_the_very_prompts_that_training_uses(dataset: Dataset, project: Project, tmp_path: Path) -> None:
    assert dataset("export", project.path, tmp_path / "out", "--to", "messages").exit_code == 0
    splits = read(tmp_path / "out").splits
    trained = questions(project, "train")
    assert [dialogue.id for dialogue in splits["train"]] == [question.id for question in trained]
    assert len(splits.get("validation", [])) == len(questions(project, "validation"))
    short = next(place for place, question in enumerate(trained) if question.form == "short")
    assert splits["train"][short].system == "Answer briefly and exactly."
    assert splits["train"][short].turns[1].text == trained[short].answer
    assert splits["train"][short].aside["quote"] == trained[short].quote


def test_export_of_an_exam_asks_what_the_exam_asks(dataset: Dataset, project: Project, tmp_path: Path) -> None:
    assert dataset("export", project.path, tmp_path / "exam", "--to", "lm-eval").exit_code == 0
    choices = [question for question in questions(project, "recall") if question.form == "choice"]
    lines = (tmp_path / "exam" / "exam_recall_choice.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [question.options[row["label"]] for question, row in zip(choices, rows, strict=True)] == [
        question.answer for question in choices
    ]
    task = yaml.safe_load((tmp_path / "exam" / "exam_recall_choice.yaml").read_text(encoding="utf-8"))
    assert task["dataset_kwargs"]["data_files"]["test"] == "exam_recall_choice.jsonl"


def test_export_to_ragas_gives_the_bare_short_questions_with_their_passages(
    dataset: Dataset, project: Project, tmp_path: Path
) -> None:
    assert dataset("export", project.path, tmp_path / "exam", "--to", "ragas").exit_code == 0
    shorts = [question for question in questions(project, "recall") if question.form == "short"]
    rows = [json.loads(line) for line in (tmp_path / "exam" / "recall.jsonl").read_text("utf-8").splitlines()]
    assert [(row["user_input"], row["reference"]) for row in rows] == [(q.question, q.answer) for q in shorts]
    assert all(question.quote in row["reference_contexts"][0] for question, row in zip(shorts, rows, strict=True))


def test_a_project_that_was_not_split_is_an_error_with_its_verb(
    dataset: Dataset, project: Project, tmp_path: Path
) -> None:
    fresh = Project(tmp_path / "fresh", project.recipe)
    fresh.save()
    fault = dataset("export", fresh.path, tmp_path / "out", "--to", "alpaca").exception
    assert isinstance(fault, ArtifactMissing)
    assert fault.next_step == "Run `loresmith split` first."
