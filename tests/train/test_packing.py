import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.train import packing


@given(count=st.integers(1, 40), per_step=st.integers(1, 9), seed=st.integers(0, 5), epoch=st.integers(0, 3))
def test_every_conversation_stands_in_one_step_of_an_epoch(count: int, per_step: int, seed: int, epoch: int) -> None:
    steps = [packing.chosen(count, per_step, s, seed=seed, epoch=epoch) for s in range(-(-count // per_step))]
    assert sorted(index for step in steps for index in step) == list(range(count))
    assert all(len(step) == per_step for step in steps[:-1])
    assert steps[-1]


def test_epochs_and_seeds_differ_in_order_and_repeat_themselves() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return packing.chosen(30, 30, 0, seed=seed, epoch=epoch)

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)


@given(lengths=st.dictionaries(st.integers(0, 99), st.integers(1, 12), max_size=25), row=st.integers(12, 20))
def test_a_row_holds_whole_conversations_and_never_more_than_its_tokens(lengths: dict[int, int], row: int) -> None:
    rows = packing.packed(lengths, row)
    assert sorted(index for members in rows for index in members) == sorted(lengths)
    assert all(0 < sum(lengths[index] for index in members) <= row for members in rows)


@given(lengths=st.dictionaries(st.integers(0, 99), st.integers(1, 12), max_size=25))
def test_no_two_rows_would_fit_into_one(lengths: dict[int, int]) -> None:
    sizes = sorted(sum(lengths[index] for index in members) for members in packing.packed(lengths, 12))
    assert len(sizes) < 2 or sizes[0] + sizes[1] > 12


def test_the_fullest_row_with_room_is_taken() -> None:
    assert packing.packed({0: 7, 1: 8, 2: 2}, 10) == [[1, 2], [0]]


def test_a_conversation_longer_than_a_row_is_an_error() -> None:
    with pytest.raises(ValueError, match="conversation 1 has 11 tokens"):
        packing.packed({0: 3, 1: 11}, 10)
