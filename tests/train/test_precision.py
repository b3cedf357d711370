from pathlib import Path

import pytest
import torch

from loresmith.train import precision
from loresmith.train.precision import Precision


@pytest.mark.parametrize(
    ("plain", "other", "half", "expected"),
    [
        (10.0, 4.0, 2.0, Precision("bfloat16")),
        (10.0, 4.0, 3.5, Precision("float32", "medium")),
        (10.0, 9.0, 9.0, Precision()),
        (10.0, float("inf"), 30.0, Precision()),  # a processor that knows bfloat16 and is slow at it
    ],
)
def test_only_a_clear_win_changes_anything(plain: float, other: float, half: float, expected: Precision) -> None:
    assert precision.fastest(plain, other, half) == expected


def test_what_a_recipe_asks_for_is_not_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_race", lambda *_: pytest.fail("raced"))
    assert precision.chosen("bfloat16", 512, 1024) == Precision("bfloat16")
    assert precision.chosen("auto", 64, 256).dtype == "auto"


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU nothing is raced")
def test_the_race_runs_on_this_machine_and_leaves_torch_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "SECONDS", 0.0)
    before = torch.get_float32_matmul_precision(), torch.get_num_threads()
    plain, other, half = precision._race(256, 512)
    assert plain > 0 and other > 0 and half > 0
    assert (torch.get_float32_matmul_precision(), torch.get_num_threads()) == before


def test_a_run_that_goes_on_keeps_the_precision_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_race", lambda *_: (10.0, 4.0, 1.0))
    assert precision.settled(tmp_path / "run", "auto", 512, 1024) == Precision("bfloat16")
    monkeypatch.setattr(precision, "_race", lambda *_: (10.0, 10.0, 10.0))
    if not torch.cuda.is_available():
        assert precision.settled(tmp_path / "run", "auto", 512, 1024) == Precision("bfloat16")
        assert precision.settled(tmp_path / "other", "auto", 512, 1024) == Precision()
    assert precision.settled(tmp_path / "run", "float32", 512, 1024) == Precision("float32")


def test_a_damaged_note_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / precision.NAME).write_text('{"asked": "float32", "speed": 3}')
    assert precision.settled(tmp_path, "float32", 512, 1024) == Precision("float32")
    assert '"matmul"' in (tmp_path / precision.NAME).read_text()


def test_products_are_computed_as_asked_and_afterwards_as_before() -> None:
    before = torch.get_float32_matmul_precision()
    with precision.applied(Precision(matmul="medium")):
        assert torch.get_float32_matmul_precision() == "medium"
    assert torch.get_float32_matmul_precision() == before
