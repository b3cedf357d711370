import pytest

from loresmith.recipe import TrainConfig
from loresmith.train.schedule import learning_rate


def rates(total: int, **settings: object) -> list[float]:
    config = TrainConfig.model_validate({"learning_rate": 1.0, "warmup_steps": 4, **settings})
    return [learning_rate(step, total, config) for step in range(total)]


def test_the_warm_up_rises_evenly_to_the_full_rate() -> None:
    assert rates(20)[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_cosine_and_linear_fall_to_almost_nothing_and_constant_stays() -> None:
    assert rates(24, lr_scheduler_type="linear")[4:] == pytest.approx([1 - n / 20 for n in range(20)])
    cosine = rates(24, lr_scheduler_type="cosine")
    assert cosine[4:] == sorted(cosine[4:], reverse=True)
    assert cosine[14] == pytest.approx(0.5)
    assert 0 < cosine[-1] < 0.01
    assert rates(24, lr_scheduler_type="constant")[4:] == [1.0] * 20


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_a_run_shorter_than_its_warm_up_reaches_the_full_rate(total: int) -> None:
    assert max(rates(total, warmup_steps=100)) == 1.0
    assert min(rates(total, warmup_steps=100)) > 0


def test_no_warm_up_starts_at_the_full_rate() -> None:
    assert rates(5, warmup_steps=0)[0] == 1.0
