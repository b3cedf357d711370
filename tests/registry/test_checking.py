from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.progress import finish
from loresmith.registry import Registry

FACTS = Path("index", "facts.json")


def opened_up(path: Path) -> Path:
    """`path` as somebody with the rights to do so makes it writable."""
    path.parent.chmod(0o755)
    path.chmod(0o644)
    return path


@pytest.fixture
def facts(book: Registry, crown: Callable[..., int]) -> Path:
    """A file of the champion that can be written to."""
    return opened_up(book.folder(crown("one")) / FACTS)


def only_problem(book: Registry) -> tuple[str, str]:
    (fault,) = finish(book.verify())
    return fault.path, fault.problem


def test_a_registry_as_it_was_written_has_no_fault(book: Registry, facts: Path) -> None:
    assert finish(book.verify()) == []


def test_a_changed_byte_a_cut_and_a_lost_file_are_each_named(book: Registry, facts: Path) -> None:
    facts.write_text("onE", encoding="utf-8")
    assert only_problem(book) == ("versions/1/index/facts.json", "is not the file that was added: its sha256 differs")
    facts.write_text("on", encoding="utf-8")
    assert only_problem(book)[1] == "has 2 bytes; it had 3"
    facts.unlink()
    assert only_problem(book)[1] == "is missing"


def test_a_file_that_was_slipped_in_is_named(book: Registry, facts: Path) -> None:
    (facts.parent / "more.json").write_text("{}", encoding="utf-8")
    assert only_problem(book) == ("versions/1/index/more.json", "was not there when the version was added")


def test_a_link_in_the_place_of_a_file_is_a_fault(book: Registry, facts: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("one", encoding="utf-8")
    facts.unlink()
    facts.symlink_to(tmp_path / "elsewhere")
    assert only_problem(book)[1] == "is missing"


def test_one_version_can_be_checked_alone(book: Registry, facts: Path, crown: Callable[..., int]) -> None:
    second = crown("two")
    facts.write_text("onE", encoding="utf-8")
    assert finish(book.verify([second])) == []
    assert len(finish(book.verify([1]))) == 1


def test_progress_names_each_file(book: Registry, facts: Path) -> None:
    notes = [step.note for step in book.verify()]
    assert notes == [
        f"version 1: {name}" for name in ("index/facts.json", "index/manifest.json", "project.json", "recipe.yaml")
    ]
