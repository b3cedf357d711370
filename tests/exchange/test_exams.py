import json
from pathlib import Path

import pytest

from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.exams import comes_from_exam, held_out
from loresmith.exchange.files import REPORT
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection, read

LABEL = Label("Made for a test.", "mit")


def exams_of(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / REPORT).read_text(encoding="utf-8"))["exams"]
    return found


@pytest.fixture
def exam(tmp_path: Path, plain: Dialogue) -> Path:
    """An exam whose only split is called `train`."""
    collection = Collection({"train": [plain]}, (), (), is_exam=True)
    hand_over(collection, target_named("parquet"), tmp_path / "exam", LABEL)
    return tmp_path / "exam"


def test_splits_that_models_are_examined_with_are_held_out_by_their_name() -> None:
    splits = ("train", "validation", "test", "recall", "transfer", "unanswerable")
    assert held_out(splits, is_exam=False) == ["test", "recall", "transfer", "unanswerable"]
    assert held_out(splits, is_exam=True) == list(splits)


def test_what_is_written_for_an_exam_is_one(tmp_path: Path, plain: Dialogue) -> None:
    rows = Collection({"train": [plain]}, (), ())
    hand_over(rows, target_named("lm-eval"), tmp_path / "tasks", LABEL)
    hand_over(rows, target_named("messages"), tmp_path / "rows", LABEL)
    assert exams_of(tmp_path / "tasks") == ["train"]
    assert exams_of(tmp_path / "rows") == []


@pytest.mark.parametrize("part", ["", "data", "data/train.parquet"])
def test_a_conversion_of_an_exam_stays_an_exam_whatever_its_split_is_called(
    exam: Path, tmp_path: Path, part: str
) -> None:
    pytest.importorskip("pyarrow")
    collection = read(exam / part)
    assert collection.is_exam
    hand_over(collection, target_named("messages"), tmp_path / "converted", LABEL)
    assert exams_of(tmp_path / "converted") == ["train"]


def test_a_folder_without_a_report_or_with_a_damaged_one_is_no_exam(tmp_path: Path) -> None:
    assert not comes_from_exam(tmp_path)
    (tmp_path / REPORT).write_text("[" * 2000, encoding="utf-8")
    assert not comes_from_exam(tmp_path)
    (tmp_path / REPORT).write_text('{"exams": []}', encoding="utf-8")
    assert not comes_from_exam(tmp_path)
