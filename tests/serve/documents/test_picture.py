"""Pictures of pages are drawn by a process of their own."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image

from loresmith.serve.documents.picture import Pictures
from tests.ingest.conftest import pdf_bytes

PAGE = "72 100 18 bold The dock\n72 130 11 regular The crane of the dock lifts 18 tonnes. It is red."
YELLOW_IS_LESS_BLUE = 40


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "dock.pdf"
    path.write_bytes(pdf_bytes([PAGE], [], 0, False))
    return path


def yellow_columns(picture: bytes) -> list[int]:
    """Columns of the picture that hold something yellow."""
    shown = Image.open(io.BytesIO(picture)).convert("RGB")
    red, _, blue = (band.load() for band in shown.split())
    assert red is not None
    assert blue is not None
    places = ((x, y) for x in range(0, shown.width, 2) for y in range(0, shown.height, 2))
    return sorted({x for x, y in places if int(str(red[x, y])) - int(str(blue[x, y])) > YELLOW_IS_LESS_BLUE})


def test_the_passage_is_marked_on_the_picture_of_its_page_and_only_there(pdf: Path) -> None:
    bare = Pictures().page(pdf, 1, "")
    marked = Pictures().page(pdf, 1, "crane of the dock lifts 18 tonnes")
    assert bare is not None
    assert marked is not None
    assert yellow_columns(bare) == []
    columns = yellow_columns(marked)
    assert 120 < columns[0] < 200  # points 72 to 612 are pixels 118 to 1000; "The " comes before the passage
    assert columns[-1] < 500


@pytest.mark.parametrize("content", [b"%PDF-1.7 noise", b"", b"\x7fELF"])
def test_a_file_that_cannot_be_drawn_gives_no_picture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    assert Pictures().page(path, 1, "") is None


def test_a_page_that_takes_too_long_gives_no_picture_in_time(pdf: Path) -> None:
    began = time.monotonic()
    assert Pictures(seconds=0.01).page(pdf, 1, "") is None
    assert time.monotonic() - began < 10


def test_a_page_that_is_not_there_gives_no_picture(pdf: Path) -> None:
    assert Pictures().page(pdf, 2, "") is None
