from pathlib import Path

from loresmith.train.log import NAME, Log, lines


def test_lines_come_back_in_order_with_six_digits(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.add(1, {"loss": 1 / 3, "tokens": 1234567})
    log.add(2, {"validation_loss": 2.5e-9})
    assert lines(tmp_path / NAME) == [
        {"step": 1, "loss": 0.333333, "tokens": 1234567},
        {"step": 2, "validation_loss": 2.5e-9},
    ]


def test_cutting_drops_what_came_after(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.add(1, {"loss": 1.0})
    kept = log.length()
    log.add(2, {"loss": 2.0})
    log.cut(kept)
    log.add(3, {"loss": 3.0})
    assert [line["step"] for line in lines(tmp_path / NAME)] == [1, 3]


def test_a_log_that_does_not_exist_yet_can_be_cut(tmp_path: Path) -> None:
    Log(tmp_path).cut(0)
    assert lines(tmp_path / NAME) == []
