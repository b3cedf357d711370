"""What killed processes leave, and several at once."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.errors import FolderInUse
from loresmith.progress import finish
from loresmith.registry import Registry
from tests.registry.shelf_of_experts import small_project


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
def test_a_registry_is_whole_whenever_a_process_is_killed(tmp_path: Path, repository: Path) -> None:
    words = [sys.executable, "-m", "tests.registry.shaken", str(tmp_path), "20"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=repository, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert told["killed"] == {"random": 20, "steps": 20}
    assert told["left_half_done"] > 0  # or the kills came between the works


def test_several_at_once_lose_no_version_and_no_move(book: Registry, tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            with Registry(book.path) as own:
                for turn in range(3):
                    project = small_project(tmp_path / f"project-{worker}", f"{worker} {turn}")
                    finish(own.add(project))
        except BaseException as fault:
            faults.append(fault)

    crowd = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert faults == []
    assert [entry.number for entry in book.entries()] == list(range(1, 13))
    texts = {(book.folder(number) / "index" / "facts.json").read_text() for number in range(1, 13)}
    assert len(texts) == 12
    assert finish(book.verify()) == []


def test_opening_sweeps_no_folder_that_another_is_filling(book: Registry, tmp_path: Path) -> None:
    filling = book.add(small_project(tmp_path / "project"))
    next(filling)
    with Registry(book.path) as other:
        assert len([path for path in (book.path / "versions").iterdir() if path.is_dir()]) == 1
        assert finish(other.add(small_project(tmp_path / "second", "two"))).number == 1
    assert finish(filling).number == 2
    assert finish(book.verify()) == []
    assert sorted(path.name for path in (book.path / "versions").iterdir()) == ["1", "2"]


def test_work_that_is_given_up_leaves_nothing(book: Registry, tmp_path: Path) -> None:
    filling = book.add(small_project(tmp_path / "project"))
    next(filling), next(filling)
    filling.close()
    assert list((book.path / "versions").iterdir()) == []


def test_a_second_round_is_told_who_holds_the_registry(book: Registry, crown: Callable[..., int]) -> None:
    with book.round("watch"), Registry(book.path) as other:
        with pytest.raises(FolderInUse, match=r"is in use by watch \(process \d+\)"), other.round("watch"):
            pass
        crown("looking and promoting go on")
    with Registry(book.path) as other, other.round("watch"):
        pass


def test_a_second_round_can_wait(book: Registry) -> None:
    began: list[str] = []
    first_is_in = threading.Event()

    def first() -> None:
        with Registry(book.path) as own, own.round("first"):
            first_is_in.set()
            threading.Event().wait(0.2)
            began.append("first ends")

    thread = threading.Thread(target=first)
    thread.start()
    assert first_is_in.wait(10)
    with book.round("second", wait_seconds=20):
        began.append("second begins")
    thread.join(10)
    assert began == ["first ends", "second begins"]
