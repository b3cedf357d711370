from typing import Any

import pytest
import torch
from transformers import get_scheduler

from loresmith.errors import RecipeError
from loresmith.recipe import TrainConfig, parse
from loresmith.train.schedule import FALLS, learning_rate

SETTINGS: dict[str, dict[str, float]] = {
    "cosine_with_min_lr": {"min_lr_rate": 0.1},
    "cosine_with_restarts": {"num_cycles": 2},
    "polynomial": {"power": 2.0, "lr_end": 1e-3},
    "inverse_sqrt": {"timescale": 7},
    "warmup_stable_decay": {"num_decay_steps": 8, "min_lr_ratio": 0.1},
}


def rates(total: int, **settings: object) -> list[float]:
    config = TrainConfig.model_validate({"learning_rate": 1.0, "warmup_steps": 4, **settings})
    return [learning_rate(step, total, config) for step in range(total)]


def test_the_warm_up_rises_evenly_to_the_full_rate() -> None:
    assert rates(20)[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


@pytest.mark.parametrize("name", FALLS)
def test_after_the_warm_up_each_rate_is_that_of_transformers(name: str) -> None:
    warm, total, kwargs = (0 if name == "constant" else 4), 24, SETTINGS.get(name, {})
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    given: Any = get_scheduler(name, optimizer, warm, total, scheduler_specific_kwargs=dict(kwargs) or None)
    theirs = []
    for _ in range(total):
        theirs.append(given.get_last_lr()[0])
        optimizer.step()
        given.step()
    ours = rates(total, lr_scheduler_type=name, lr_scheduler_kwargs=kwargs)
    assert ours[warm:] == pytest.approx(theirs[warm:])


def test_a_constant_rate_has_no_warm_up() -> None:
    assert rates(6, lr_scheduler_type="constant") == [1.0] * 6
    assert rates(8, lr_scheduler_type="constant_with_warmup")[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])


def test_a_ratio_counts_instead_of_steps() -> None:
    assert rates(20, warmup_ratio=0.1) == rates(20, warmup_steps=2)
    assert rates(20, warmup_ratio=0.0) == rates(20, warmup_steps=0)


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_a_run_shorter_than_its_warm_up_reaches_the_full_rate(total: int) -> None:
    assert max(rates(total, warmup_steps=100)) == 1.0
    assert min(rates(total, warmup_steps=100)) > 0


def test_no_warm_up_starts_at_the_full_rate() -> None:
    assert rates(5, warmup_steps=0)[0] == 1.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lr_scheduler_type": "cosine_with_min_lr"}, "min_lr or min_lr_rate"),
        ({"lr_scheduler_kwargs": {"min_lr": 1e-5}}, "cosine takes no settings"),
        ({"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": "min_lr=1"}, "knows lr_end, power"),
        ({"lr_scheduler_type": "warmup_stable_decay"}, "num_decay_steps"),
        ({"method": "full", "use_dora": True}, "no adapter"),
        ({"early_stopping_patience": 2}, "exam_steps"),
    ],
)
def test_settings_that_do_not_fit_together_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        parse(TrainConfig, given)


def test_a_flag_gives_settings_as_pairs() -> None:
    given = {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": "power=2, lr_end=1e-6"}
    assert parse(TrainConfig, given).lr_scheduler_kwargs == {"power": 2.0, "lr_end": 1e-6}
