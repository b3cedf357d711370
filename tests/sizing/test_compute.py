import pytest

from loresmith.recipe import TrainConfig
from loresmith.sizing import known, shape
from loresmith.sizing.compute import Work, minutes, operations

WORK = Work(conversations=100, tokens=15_000, told=7_500)
ONCE = TrainConfig(num_train_epochs=1)
LORA_GIGA = {"Qwen/Qwen2.5-3B": 11.97, "meta-llama/Llama-3.2-3B": 12.29}
FULL_GIGA = {"Qwen/Qwen2.5-3B": 17.65, "meta-llama/Llama-3.2-3B": 18.17}


@pytest.mark.parametrize("name", LORA_GIGA)
def test_operations_per_token_are_those_computed_by_hand(name: str) -> None:
    sizes = shape.read(known.SHAPES[name])
    assert operations(sizes, ONCE, WORK) / WORK.tokens / 1e9 == pytest.approx(LORA_GIGA[name], rel=0.005)
    full = ONCE.model_copy(update={"method": "full"})
    assert operations(sizes, full, WORK) / WORK.tokens / 1e9 == pytest.approx(FULL_GIGA[name], rel=0.005)


def test_three_epochs_take_three_times_as_long() -> None:
    sizes = shape.read(known.SHAPES["Qwen/Qwen2.5-0.5B"])
    assert operations(sizes, TrainConfig(num_train_epochs=3), WORK) == 3 * operations(sizes, ONCE, WORK)


def test_a_minute_has_sixty_seconds() -> None:
    assert minutes(120e12, 1e12) == 2
