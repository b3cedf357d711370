from dataclasses import replace

import pytest

from loresmith.recipe import TrainConfig
from loresmith.sizing import fitting, known, shape
from loresmith.sizing.fitting import MARGIN, Case, changes, longest_row, verdict

CASE = Case(shape.read(known.SHAPES["Qwen/Qwen2.5-3B"]), TrainConfig(), "bfloat16", "cuda")


@pytest.mark.parametrize("memory", [8e9, 12e9, 24e9, 80e9])
def test_the_longest_row_fits_and_the_next_does_not(memory: float) -> None:
    tokens = longest_row(CASE, int(memory))
    assert tokens % fitting.STEP == 0
    assert CASE.total(tokens) * MARGIN <= memory < CASE.total(tokens + fitting.STEP) * MARGIN


def test_no_row_fits_beside_weights_that_fill_the_memory() -> None:
    assert longest_row(CASE, 6 * 10**9) == 0


def test_a_memory_within_the_error_of_the_arithmetic_is_tight() -> None:
    assert [verdict(100, memory) for memory in (99, 100, 114, 115)] == ["does not fit", "is tight", "is tight", "fits"]


def test_each_change_that_is_named_is_enough_by_itself() -> None:
    said = list(changes(CASE, 1024, 12 * 10**9))
    shorter, qlora, smaller = said
    tokens = int(shorter.split()[1])
    assert CASE.total(tokens) * MARGIN <= 12e9
    assert "--method qlora" in qlora
    name = smaller.split()[1].rstrip(":")
    other = replace(CASE, shape=shape.read(known.SHAPES[name]))
    assert other.total(1024) * MARGIN <= 12e9


def test_full_training_is_sent_to_an_adapter() -> None:
    full = replace(CASE, train=TrainConfig(method="full"))
    assert any("--method lora" in said for said in changes(full, 512, 24 * 10**9))
    assert any("--optim adamw_8bit" in said for said in changes(full, 512, 56 * 10**9))


def test_weights_in_32_bits_are_sent_to_16() -> None:
    assert any("bfloat16" in said for said in changes(replace(CASE, dtype="float32"), 512, 14 * 10**9))
    full = replace(CASE, train=TrainConfig(method="full"), dtype="float32", device="cpu")
    assert not any("bfloat16" in said for said in changes(full, 512, 120 * 10**9))


def test_without_packing_attention_sees_a_conversation_once() -> None:
    alone = replace(CASE, train=TrainConfig(packing=False))
    assert alone.row(100).keys == 100
    assert CASE.row(100).keys > 100
