import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.router.calibration import balanced, bound_for_error, bound_for_share, temperature


@pytest.mark.parametrize("heat", [0.25, 1.0, 4.0])
def test_scores_that_are_too_loud_by_a_factor_get_that_factor_as_temperature(heat: float) -> None:
    rng = np.random.default_rng(5)
    true = rng.normal(size=(6000, 3)) * 2
    labels = (true + rng.gumbel(size=true.shape)).argmax(axis=1)  # drawn by the probabilities that `true` gives
    assert temperature(true * heat, labels) == pytest.approx(heat, rel=0.1)


def test_scores_that_are_always_right_do_not_make_the_temperature_vanish() -> None:
    labels = np.array([0, 1, 2] * 10)
    assert temperature(np.eye(3)[labels] * 5, labels) >= 0.01


def test_every_class_weighs_the_same_and_one_without_rows_takes_nothing() -> None:
    weights = balanced(np.array([0, 0, 0, 2]), 3)
    assert weights.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


SCORES = st.lists(st.integers(0, 9).map(lambda number: number / 10), min_size=1, max_size=40)


@given(values=SCORES, share=st.floats(0.0, 0.9))
def test_never_more_than_the_share_lies_below_its_bound_and_no_higher_value_would_do(
    values: list[float], share: float
) -> None:
    scores, weights = np.array(values), np.full(len(values), 1 / len(values))
    bound = bound_for_share(scores, weights, share)
    below = np.mean(scores < bound)
    assert below <= share + 1e-9
    higher = [value for value in values if value > bound]
    if share > 0 and higher:
        assert np.mean(scores < min(higher)) > share


def test_no_share_is_no_bound() -> None:
    assert bound_for_share(np.array([0.1, 0.2]), np.array([0.5, 0.5]), 0.0) == -math.inf


@given(marks=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60), share=st.floats(0.02, 0.9))
def test_what_reaches_the_bound_has_no_more_errors_than_wished_with_one_more_counted(
    marks: list[tuple[int, bool]], share: float
) -> None:
    values, right = np.array([float(value) for value, _ in marks]), np.array([mark for _, mark in marks])
    bound = bound_for_error(values, right, share)

    def fits(least: float) -> bool:
        sent = values >= least
        return bool((np.sum(~right[sent]) + 1) / (sent.sum() + 1) <= share)

    assert bound == math.inf or fits(bound)
    assert not any(fits(value) for value in values if value < bound)
