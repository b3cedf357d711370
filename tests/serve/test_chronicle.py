from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.serve import chronicle
from loresmith.serve.chronicle import Chronicle, Stretch, percentile, step_of


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def count(stretch: Stretch) -> None:
    stretch.requests += 1
    stretch.most_inside = max(stretch.most_inside, 3)


def test_what_happens_is_counted_in_its_stretch_and_quiet_ones_are_told_too() -> None:
    clock = Clock()
    kept = Chronicle(clock)
    kept.note(count)
    clock.now += 25
    kept.note(count)
    assert [(end, one.requests) for end, one in kept.told()] == [(10.0, 1), (20.0, 0), (30.0, 1)]


def test_after_years_there_are_few_stretches_and_nothing_is_lost() -> None:
    clock = Clock()
    kept = Chronicle(clock)
    for _ in range(2000):
        kept.note(count)
        clock.now += 40_000
    told = kept.told()
    assert len(told) <= chronicle.MOST_STRETCHES
    assert sum(one.requests for _, one in told) == 2000
    assert max(one.most_inside for _, one in told) == 3


@given(st.lists(st.floats(0.001, 600), min_size=1, max_size=50), st.sampled_from([0.5, 0.99]))
def test_a_percentile_is_right_to_a_tenth(seconds: list[float], share: float) -> None:
    ranked = sorted(seconds)
    exact = next(one for number, one in enumerate(ranked, 1) if number >= share * len(ranked))
    assert percentile(Counter(map(step_of, seconds)), share) == pytest.approx(exact, rel=0.1)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile(Counter(), 0.5) is None
