from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from loresmith.domains.mixture import drawn, filled, quotas
from loresmith.domains.question import DomainQuestion

WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 10), min_size=1)


def pool(size: int) -> list[DomainQuestion]:
    return [DomainQuestion(place="", question=f"Question {number}?", answer="a") for number in range(size)]


def test_weights_are_shares() -> None:
    assert quotas(1000, {"biology": 2, "history": 1, "replay": 0.2}) == {"biology": 625, "history": 313, "replay": 62}


@given(size=st.integers(0, 500), weights=WEIGHTS)
def test_quotas_make_the_size_and_none_is_a_whole_row_off(size: int, weights: dict[str, float]) -> None:
    found = quotas(size, weights)
    assert sum(found.values()) == size
    for name, count in found.items():
        assert abs(count - size * weights[name] / sum(weights.values())) < 1


@given(wanted=st.integers(0, 200), weights=WEIGHTS, sizes=st.lists(st.integers(0, 60), min_size=6, max_size=6))
def test_the_others_fill_what_one_lacks_until_all_are_empty(
    wanted: int, weights: dict[str, float], sizes: list[int]
) -> None:
    held = dict(zip(weights, sizes, strict=False))
    found = filled(wanted, weights, held)
    assert all(0 <= found[name] <= held[name] for name in weights)
    assert sum(found.values()) == min(wanted, sum(held.values()))


def test_none_comes_again_before_all_came_once() -> None:
    found = drawn(pool(10), 25, 1, "sciq")
    assert [repetition for _, repetition in found] == [0] * 10 + [1] * 10 + [2] * 5
    times = Counter(question.question for question, _ in found)
    assert sorted(times.values()) == [2] * 5 + [3] * 5


def test_the_seed_decides_what_is_drawn() -> None:
    def said(seed: int) -> list[str]:
        return [question.question for question, _ in drawn(pool(50), 10, seed, "sciq")]

    assert said(1) == said(1)
    assert said(1) != said(2)
