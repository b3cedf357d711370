import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.curriculum import Task, difficulties, easy_to_hard, shuffled


def test_help_makes_a_question_easier() -> None:
    same = ("What pumps blood?", "the heart")
    rows = [Task(*same, has_sources=True), Task(*same, has_options=True), Task(*same)]
    easy, middle, hard = difficulties(rows)
    assert easy < middle < hard
    assert hard - easy == pytest.approx(1 / 3)


def test_rare_words_and_long_answers_make_a_question_harder() -> None:
    ordinary = [Task("What is a cell?", "a cell") for _ in range(9)]
    rows = [*ordinary, Task("What is a zygote?", "a diploid"), Task("What is a cell?", "a cell " * 20)]
    *_, common, rare, long = difficulties(rows)
    assert common < rare
    assert common < long


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=60), st.booleans()), max_size=12))
def test_difficulty_lies_between_0_and_1(parts: list[tuple[str, str, bool]]) -> None:
    rows = [Task(question, answer, has_sources=shown) for question, answer, shown in parts]
    assert all(0 <= value <= 1 for value in difficulties(rows))


def test_the_order_rises_and_replay_is_spread_evenly() -> None:
    values = random.Random(3).sample(range(100), 100)
    is_replay = [number % 5 == 0 for number in range(100)]
    order = easy_to_hard(list(range(100)), [value / 100 for value in values], is_replay)
    domain = [values[number] for number in order if not is_replay[number]]
    assert domain == sorted(domain)
    places = [place for place, number in enumerate(order) if is_replay[number]]
    assert all(4 <= right - left <= 6 for left, right in pairwise(places))


def test_the_seed_decides_the_shuffle_and_all_rows_stay() -> None:
    rows = list(range(50))
    assert shuffled(rows, 1) == shuffled(rows, 1) != shuffled(rows, 2)
    assert sorted(shuffled(rows, 1)) == rows
