"""Rows that are trained beside the project's questions, as the stage of training depends on them."""

from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.pipeline import Project, stage
from loresmith.recipe import Recipe

ROW = '{"instruction": "What?", "output": "that"}\n'


def project(folder: Path, rows: Path, **split: object) -> Project:
    train = {"mix": [{"source": str(rows), "name": "rows"}], "replay": {"source": str(rows)}}
    return Project(folder, Recipe.model_validate({"name": "x", "train": train, "split": split}))


def test_they_are_files_of_the_stage_with_the_benchmarks_that_they_are_held_against(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROW)
    (tmp_path / "mmlu").mkdir()
    (tmp_path / "mmlu" / "test.jsonl").write_text('{"question": "Q?"}\n')
    found = stage("train").files
    assert found is not None
    files = found(project(tmp_path, tmp_path / "rows.jsonl", decontaminate_against=(str(tmp_path / "mmlu"),)))
    assert files == {
        "rows/rows": tmp_path / "rows.jsonl",
        "rows/replay": tmp_path / "rows.jsonl",
        "benchmark/mmlu/test.jsonl": tmp_path / "mmlu" / "test.jsonl",
    }
    assert found(Project(tmp_path, Recipe(name="x"))) == {}


def test_a_source_that_is_not_there_is_named_before_any_work(tmp_path: Path) -> None:
    found = stage("train").files
    assert found is not None
    with pytest.raises(UserError, match=r"no rows to train at .*gone\.jsonl \(rows\)"):
        found(project(tmp_path, tmp_path / "gone.jsonl"))


@pytest.mark.parametrize("name", ["train", "report"])
def test_the_folder_they_lie_in_changes_nothing(tmp_path: Path, name: str) -> None:
    here, there = (stage(name).settings(project(tmp_path, tmp_path / at / "rows.jsonl")) for at in ("a", "b"))
    assert here == there
    assert str(tmp_path) not in here.model_dump_json()
