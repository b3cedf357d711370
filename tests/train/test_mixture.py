"""Quotas, draws and orders: numbers in, numbers out."""

from collections import Counter
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.curriculum import Task
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import TrainConfig
from loresmith.recipe.mixing import REPLAY
from loresmith.train import packing
from loresmith.train.identity import course_of
from loresmith.train.mixture import Mixture, Part, drawn, mixed, quotas
from loresmith.train.pools import Row


def rows(count: int, first: int = 0) -> list[Row]:
    return [
        Row(Conversation((first + n, 1, 2), 1), Task("q" * n, "a"), difficulty=n / max(1, count)) for n in range(count)
    ]


def course(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"num_train_epochs": 3, "seed": 5, **changes})


def test_weights_are_relative_to_that_of_the_own_questions_and_replay_is_a_share_of_all() -> None:
    found = quotas(100, 2.0, {"biology": 1.0, "history": 0.5}, {}, 0.2)
    assert found == {"biology": 50, "history": 25, REPLAY: 44}  # 44 of 219 is 0.2009
    assert quotas(100, 1.0, {}, {}, 0.0) == {}


def test_a_source_of_hardly_any_weight_gives_one_example() -> None:
    assert quotas(10, 1.0, {"rare": 1e-6}, {}, 0.0) == {"rare": 1}


def test_without_own_questions_an_epoch_is_as_long_as_no_row_comes_twice() -> None:
    found = quotas(0, 1.0, {"biology": 0.3, "history": 0.1}, {"biology": 90, "history": 20}, 0.0)
    assert found == {"biology": 60, "history": 20}


@given(held=st.integers(1, 12), per_epoch=st.integers(1, 30), epochs=st.integers(1, 4))
def test_every_row_is_met_once_before_any_is_met_again(held: int, per_epoch: int, epochs: int) -> None:
    found = drawn(held, per_epoch, epochs, "seed")
    assert [len(taken) for taken in found] == [per_epoch] * epochs
    assert all(len(set(taken)) == per_epoch for taken in found)  # a copy is told from the first
    times = Counter(row for taken in found for row, _ in taken)
    assert max(times.values()) - min(times[row] for row in range(held)) <= 1


def test_rows_that_come_again_come_in_another_order() -> None:
    first, second, third = (tuple(row for row, _ in taken) for taken in drawn(12, 12, 3, "seed"))
    assert first == tuple(range(12))
    assert sorted(second) == sorted(third) == list(first)
    assert len({first, second, third}) == 3


def test_another_order_is_another_course() -> None:
    one = tuple(row.conversation for row in rows(3))
    found = {course_of("base", TrainingSet(one, (), epochs), course()) for epochs in ((), ((0, 1, 2),), ((0, 2, 1),))}
    assert len(found) == 3


def test_own_questions_alone_keep_the_order_that_they_always_had() -> None:
    assert mixed([Part("own", rows(7), 7)], course()).epochs == ()


def test_each_epoch_has_its_quotas_and_other_rows_of_a_large_source() -> None:
    made = mixed([Part("own", rows(6), 6), Part("big", rows(100, 50), 4)], course())
    for epoch in made.epochs:
        assert len(set(epoch)) == 10
        assert Counter(made.parts[index] for index in epoch) == {"own": 6, "big": 4}
    assert Counter(made.parts) == {"own": 6, "big": 12}


def test_the_seed_decides_and_nothing_else() -> None:
    parts = [Part("own", rows(6), 6), Part("small", rows(3, 50), 8)]
    assert mixed(parts, course()) == mixed(parts, course())
    assert mixed(parts, course()).epochs != mixed(parts, course(seed=6)).epochs


def test_a_small_source_is_repeated_as_conversations_of_their_own() -> None:
    made = mixed([Part("own", rows(2), 2), Part("small", rows(3, 50), 8)], course(num_train_epochs=1))
    (epoch,) = made.epochs
    assert len(set(epoch)) == len(made.train) == 10  # an index twice in one step would be learned once
    assert len({conversation.ids for conversation in made.train}) == 5


def test_a_curriculum_rises_in_every_epoch_and_spreads_replay() -> None:
    parts = [Part("own", rows(40), 40), Part(REPLAY, rows(30, 50), 10)]
    made = mixed(parts, course(curriculum=True))
    for epoch in made.epochs:
        own = [made.train[index].ids[0] for index in epoch if made.parts[index] == "own"]
        assert own == sorted(own)
        places = [place for place, index in enumerate(epoch) if made.parts[index] == REPLAY]
        assert all(3 <= right - left <= 6 for left, right in pairwise(places))


def test_rows_without_a_difficulty_are_measured() -> None:
    easy, hard = Task("what is it", "a word", has_sources=True), Task("what is it", "a word " * 30)
    told = [Row(Conversation((n, 1), 1), task) for n, task in enumerate([hard, easy, hard, easy])]
    made = mixed([Part("own", told, 4)], course(curriculum=True, num_train_epochs=1))
    assert {made.train[index].ids[0] for index in made.epochs[0][:2]} == {1, 3}


@given(steps=st.integers(0, 12))
def test_what_was_met_is_counted_to_the_step(steps: int) -> None:
    made = mixed([Part("own", rows(6), 6), Part("big", rows(30, 50), 5)], course())
    examples = TrainingSet(made.train, (), made.epochs)  # 11 an epoch: 3 steps of 4, of which the last has 3
    met = Counter(made.parts[i] for step in range(min(steps, 9)) for i in packing.of_step(examples, 4, step, seed=5))
    assert made.seen(min(steps, 9), 4) == met


def test_of_own_questions_alone_all_are_met_in_each_epoch() -> None:
    made = Mixture(tuple(row.conversation for row in rows(6)), ("own",) * 6, ())
    assert made.seen(4, 4) == {"own": 12}


@pytest.mark.parametrize("epochs", [(), ((0, 2, 1, 3, 4), (4, 3, 2, 1, 0))])
def test_each_conversation_of_an_epoch_is_in_one_step(epochs: tuple[tuple[int, ...], ...]) -> None:
    examples = TrainingSet(tuple(row.conversation for row in rows(5)), (), epochs)
    found = [packing.of_step(examples, 2, step, seed=1) for step in range(6)]
    first, second = list(chain(*found[:3])), list(chain(*found[3:]))
    assert sorted(first) == sorted(second) == list(range(5))
    assert not epochs or (tuple(first), tuple(second)) == epochs
