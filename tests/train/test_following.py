"""A training watched by its files: the page while it works, at its end and after a fault."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import MachineError
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import following
from loresmith.train.following import PAGE, Follower, Tail
from loresmith.train.peft_trainer import PeftTrainer


def title(folder: Path) -> str:
    found = re.search("<title>(.*)</title>", (folder / PAGE).read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def reloads(folder: Path) -> bool:
    return 'http-equiv="refresh"' in (folder / PAGE).read_text(encoding="utf-8")


def test_a_tail_gives_each_line_once_and_after_a_cut_none(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "log.jsonl")
    assert tail.fresh() == []
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n{"step": 2}\n')
    assert tail.fresh() == [{"step": 1}, {"step": 2}]
    assert tail.fresh() == []
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n')
    assert tail.fresh() == []
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 3}\n')
    assert tail.fresh() == [{"step": 3}]
    assert tail.lines == [{"step": 1}, {"step": 3}]


def test_the_page_is_there_from_the_start_and_says_the_end(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SECONDS_BETWEEN_PAGES", 0.0)
    target = tmp_path / ".adapter.partial"
    target.mkdir()
    pages = []
    with Follower(tmp_path, small_course, [""]) as follower:
        assert title(tmp_path) == "training"
        work = PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, target, small_course)
        for _ in follower.followed(work, target, ""):
            pages.append((tmp_path / PAGE).read_text(encoding="utf-8"))
        assert reloads(tmp_path)
    drawn = [page.count("<svg") for page in pages]
    assert drawn == sorted(drawn)
    assert (drawn[0], drawn[-1]) == (0, 3)  # loss, rate, tokens/s; no exams were asked for
    assert "18 of 18" in (tmp_path / PAGE).read_text(encoding="utf-8")
    assert title(tmp_path) == "finished"
    assert not reloads(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [PAGE]


def test_pages_are_not_drawn_at_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(following, "write_whole", lambda path, text: drawn.append(text))
    monkeypatch.setattr(following, "SECONDS_BETWEEN_PAGES", 3600.0)

    def work() -> Iterator[Progress]:
        yield Progress(stage="train", done=0, total=50, note="model loaded")
        for step in range(50):
            with (tmp_path / "log.jsonl").open("a") as file:
                file.write(json.dumps({"step": step, "loss": 1.0, "tokens": step}) + "\n")
            yield Progress(stage="train", done=step, total=50)
        return {"steps": 50}  # type: ignore[return-value]

    with Follower(tmp_path, TrainConfig(), [""]) as follower:
        assert finish(follower.followed(work(), tmp_path, "")) == {"steps": 50}  # type: ignore[arg-type]
    assert len(drawn) == 3  # at the start, with the loaded model, at the end


def test_a_fault_stands_on_the_page_and_ends_its_reloading(tmp_path: Path) -> None:
    def work() -> Iterator[Any]:
        yield Progress(stage="train", done=0, total=9, note="model loaded")
        raise MachineError("The disk is full.", next_step="Free some space.")

    with pytest.raises(MachineError), Follower(tmp_path, TrainConfig(), [""]) as follower:
        finish(follower.followed(work(), tmp_path, ""))  # type: ignore[arg-type]
    assert title(tmp_path).startswith("ended early")
    assert "The disk is full." in (tmp_path / PAGE).read_text(encoding="utf-8")
    assert not reloads(tmp_path)


def test_giving_up_ends_the_work_as_well(tmp_path: Path) -> None:
    ended = []

    def work() -> Iterator[Any]:
        try:
            while True:
                yield Progress(stage="train", done=0, total=9)
        finally:
            ended.append(True)

    inner = work()  # held here, so that nothing but an order ends it
    with Follower(tmp_path, TrainConfig(), [""]) as follower:
        followed = follower.followed(inner, tmp_path, "")  # type: ignore[arg-type]
        next(followed)
        followed.close()
        assert ended == [True]
