from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.generate.spread import chosen_evenly, in_turns

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), max_size=30, unique=True)


def test_groups_take_turns() -> None:
    assert in_turns(["a1", "a2", "a3", "b1"], lambda word: word[0]) == ["a1", "b1", "a2", "a3"]


@settings(deadline=None)
@given(PAIRS, st.integers(0, 40))
def test_a_group_gives_more_only_when_the_others_are_used_up(pairs: list[tuple[str, int]], most: int) -> None:
    chosen = chosen_evenly(pairs, most, str, lambda pair: pair[0])
    assert len(chosen) == min(most, len(pairs))
    assert chosen == [pair for pair in pairs if pair in chosen]
    given_, all_ = Counter(group for group, _ in chosen), Counter(group for group, _ in pairs)
    for group, count in all_.items():
        if given_[group] < count:
            assert all(given_[other] <= given_[group] + 1 for other in given_)


def test_another_lot_chooses_others() -> None:
    numbers = list(range(100))
    first = chosen_evenly(numbers, 10, lambda n: f"1 {n}")
    assert first != chosen_evenly(numbers, 10, lambda n: f"2 {n}")
    assert first == chosen_evenly(numbers, 10, lambda n: f"1 {n}")
