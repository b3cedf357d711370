import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.ingest.layout.turning import Turn


@pytest.mark.parametrize(
    ("degrees", "size", "shown"),
    [(0, (600, 800), (0, 800)), (90, (800, 600), (0, 0)), (180, (600, 800), (600, 0)), (270, (800, 600), (800, 600))],
)
def test_the_lower_left_corner_is_shown_where_the_page_is_turned_to(
    degrees: int, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    assert Turn(degrees, *size).point(0, 0) == shown


@given(degrees=st.sampled_from([0, 90, 180, 270]), x=st.floats(0, 600), y=st.floats(0, 800))
def test_every_point_of_the_page_is_shown_on_it(degrees: int, x: float, y: float) -> None:
    width, height = (600, 800) if degrees in (0, 180) else (800, 600)
    shown = Turn(degrees, width, height).point(x, y)
    assert 0 <= shown[0] <= width
    assert 0 <= shown[1] <= height


def test_text_turned_against_the_page_is_level() -> None:
    assert Turn(90, 800, 600).is_level(math.radians(270))
    assert not Turn(90, 800, 600).is_level(0)
    assert Turn(0, 600, 800).is_level(0.1)


def test_a_page_that_begins_elsewhere_is_moved_to_the_corner() -> None:
    assert Turn(0, 600, 800, left=10, bottom=20).point(10, 20) == (0, 800)
