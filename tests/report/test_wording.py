"""Numbers as people read them."""

import pytest

from loresmith.records import Estimate
from loresmith.report import wording


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (200.4, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_have_the_unit_that_fits(seconds: float, shown: str) -> None:
    assert wording.duration(seconds) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"), [(999, "999 bytes"), (1000, "1.0 kB"), (4_680_000_000, "4.7 GB"), (12_300_000, "12.3 MB")]
)
def test_sizes_are_decimal_as_on_a_disk(size_bytes: int, shown: str) -> None:
    assert wording.size(size_bytes) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(3_090_000_000, "3.09 billion"), (494_000_000, "494.0 million"), (99, "99")]
)
def test_numbers_of_weights(number: int, shown: str) -> None:
    assert wording.millions(number) == shown


def test_intervals_and_points_carry_a_real_minus_sign() -> None:
    estimate = Estimate(value=-0.063, low=-0.101, high=0.02, n=5, method="m")
    assert wording.points(estimate.value) == "−6.3"
    assert wording.points_interval(estimate) == "[−10.1, +2.0]"
    assert wording.percent(0.6324) == "63.2%"


@pytest.mark.parametrize(("p", "shown"), [(0.0, "< 0.001"), (0.00099, "< 0.001"), (0.05, "0.050"), (1.0, "1.000")])
def test_a_p_value_is_never_zero(p: float, shown: str) -> None:
    assert wording.p_value(p) == shown


@pytest.mark.parametrize(
    ("given", "shown"), [(True, "true"), (4e-3, "0.004"), (None, "none"), ((), "none"), (("a", 1), "a, 1"), ("x", "x")]
)
def test_settings_read_as_in_a_recipe(given: object, shown: str) -> None:
    assert wording.value(given) == shown


def test_counts_are_listed_the_largest_first() -> None:
    assert wording.tally({"cell": 3, "number": 1200, "cloze": 3}) == "1,200 number, 3 cell, 3 cloze"
    assert wording.plural(1, "page") == "1 page"
    assert wording.plural(2, "copy", "copies") == "2 copies"
