import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith.domains.training_split import named_split, training_portions
from loresmith.errors import UserError

ROWS = [{"question": "What beats?", "answer": "the heart"}]
WriteLines = Callable[..., Path]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("ARC-Challenge-Test.jsonl", "test"),
        ("college_biology_test.csv", "test"),
        ("CSBench-EN_valid.json", "validation"),
        ("ARC-Challenge-Dev.jsonl", "validation"),
        ("ARC-Challenge_train.json", "train"),
        ("train_test.csv", "test"),
        ("test/part-1.jsonl", "test"),
        ("test/train-1.jsonl", "train"),
        ("latest.jsonl", "train"),
        ("recall.jsonl", "test"),
        ("rows.jsonl", "train"),
    ],
)
def test_every_word_of_a_name_and_the_names_of_its_folders_say_the_split(tmp_path: Path, name: str, split: str) -> None:
    assert named_split(tmp_path / name, tmp_path) == split


def test_of_a_folder_with_all_splits_the_training_split_alone_is_read(tmp_path: Path, lines: WriteLines) -> None:
    for name in ("train-00000-of-00001", "validation-00000-of-00001", "test-00000-of-00001"):
        lines(f"sciq/data/{name}.jsonl", ROWS)
    read = list(training_portions(tmp_path / "sciq", with_validation=False))
    assert [portion.path.name for portion in read] == ["train-00000-of-00001.jsonl"]
    more = list(training_portions(tmp_path / "sciq", with_validation=True))
    assert sorted(portion.split for portion in more) == ["train", "validation"]


@pytest.mark.parametrize("name", ["x-Test.jsonl", "test/x.jsonl"])
def test_a_test_split_is_refused_whatever_is_asked_for(lines: WriteLines, name: str) -> None:
    path = lines(name, ROWS)
    with pytest.raises(UserError, match="is a test split, which is never trained on"):
        list(training_portions(path, with_validation=True))


def test_a_validation_split_is_refused_until_it_is_asked_for(lines: WriteLines) -> None:
    path = lines("sciq-validation.jsonl", ROWS)
    with pytest.raises(UserError, match="is a validation split") as fault:
        list(training_portions(path, with_validation=False))
    assert "--with-validation" in fault.value.next_step
    assert len(list(training_portions(path, with_validation=True))) == 1


def test_splits_within_one_file_are_told_apart(tmp_path: Path) -> None:
    whole: dict[str, Any] = {"train": ROWS, "test": [{"question": "Secret?", "answer": "yes"}]}
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(whole))
    (portion,) = training_portions(path, with_validation=True)
    assert [row.content for row in portion.rows] == ROWS


def test_a_saved_datasets_folder_gives_its_training_split(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list(ROWS)
    datasets.DatasetDict({"train": rows, "test": rows}).save_to_disk(str(tmp_path / "saved"))
    (portion,) = training_portions(tmp_path / "saved", with_validation=False)
    assert portion.split == "train"
    datasets.DatasetDict({"test": rows}).save_to_disk(str(tmp_path / "exam"))
    with pytest.raises(UserError, match="is a test split"):
        list(training_portions(tmp_path / "exam", with_validation=False))
