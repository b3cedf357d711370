import json
from pathlib import Path

import pytest
import torch

from loresmith.train import checkpoint
from loresmith.train.checkpoint import Place

PLACE = Place("course", 6, 120, (1.5, 7, 2), 300)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    tensors = {"weights": torch.arange(5.0), "mean": torch.ones(2)}
    checkpoint.save(tmp_path, PLACE, tensors)
    found = checkpoint.newest(tmp_path, "course")
    assert found is not None
    assert found[0] == PLACE
    assert all(torch.equal(found[1][name], tensors[name]) for name in tensors)


def test_only_the_newest_is_kept(tmp_path: Path) -> None:
    for step in (3, 6, 9):
        checkpoint.save(tmp_path, Place("course", step, 0, (0.0, 0, 0), 0), {"weights": torch.ones(1)})
    assert [folder.name for folder in (tmp_path / checkpoint.FOLDER).iterdir()] == ["step-00000009"]


def test_one_that_was_being_written_is_not_taken(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, PLACE, {"weights": torch.ones(1)})
    (tmp_path / checkpoint.FOLDER / ".partial").mkdir()
    (tmp_path / checkpoint.FOLDER / "step-00000009").mkdir()
    found = checkpoint.newest(tmp_path, "course")
    assert found is not None
    assert found[0].step == 6


@pytest.mark.parametrize("spoil", ["course", "sha256", "step"])
def test_one_of_another_course_or_with_a_damaged_state_is_not_taken(tmp_path: Path, spoil: str) -> None:
    checkpoint.save(tmp_path, PLACE, {"weights": torch.ones(1)})
    path = tmp_path / checkpoint.FOLDER / "step-00000006" / checkpoint.STATE
    state = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in state.items() if name != spoil}))
    assert checkpoint.newest(tmp_path, "course") is None


def test_another_course_finds_nothing(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, PLACE, {"weights": torch.ones(1)})
    assert checkpoint.newest(tmp_path, "other") is None
    assert checkpoint.newest(tmp_path / "nowhere", "course") is None


def test_clearing_leaves_nothing(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, PLACE, {"weights": torch.ones(1)})
    checkpoint.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
