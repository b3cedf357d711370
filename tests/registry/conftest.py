from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith.progress import finish
from loresmith.registry import Registry
from tests.registry.shelf_of_experts import small_project


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry."""
    with Registry(tmp_path / "registry", create=True) as opened:
        yield opened


@pytest.fixture
def add(book: Registry, tmp_path: Path) -> Callable[..., int]:
    """`add("text")`: a version whose index says so; its number."""

    def added(text: str = "one", **more: bool) -> int:
        return finish(book.add(small_project(tmp_path / "project", text, **more))).number

    return added


@pytest.fixture
def crown(book: Registry, add: Callable[..., int]) -> Callable[..., int]:
    """`crown("text")`: such a version as the champion; its number."""

    def crowned(text: str = "one") -> int:
        number = add(text)
        book.promote(number, instead_of=book.alias("champion"), reason="a test")
        return number

    return crowned
