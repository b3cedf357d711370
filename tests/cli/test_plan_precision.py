import pytest
import torch

from loresmith.cli import plan_precision
from loresmith.recipe import TrainConfig
from loresmith.sizing import known, shape
from loresmith.train import precision
from loresmith.train.precision import Precision

QWEN = shape.read(known.SHAPES["Qwen/Qwen2.5-0.5B"])
ON_CPU = pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU nothing is raced")


@ON_CPU
@pytest.mark.parametrize("won", [Precision("bfloat16"), Precision("float32", "medium"), Precision("float32")])
def test_a_plan_takes_what_training_would_take_here(monkeypatch: pytest.MonkeyPatch, won: Precision) -> None:
    monkeypatch.setattr(precision, "fastest", lambda *_: won)
    found = plan_precision.here("auto", QWEN, TrainConfig(), "cpu")
    assert (found.dtype, found.matmul) == (won.dtype, won.matmul)
    assert "won a race" in found.because


@ON_CPU
def test_nothing_is_raced_for_another_engine_or_where_a_precision_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "_race", lambda *_: pytest.fail("raced"))
    assert plan_precision.here("auto", QWEN, TrainConfig(trainer="trl"), "cpu").dtype == "float32"
    assert plan_precision.here("float16", QWEN, TrainConfig(), "cpu") == plan_precision.Way("float16", "")


@ON_CPU
def test_full_training_stays_in_float32_whatever_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "fastest", lambda *_: Precision("bfloat16"))
    assert plan_precision.here("auto", QWEN, TrainConfig(method="full"), "cpu").dtype == "float32"


def test_the_rate_is_that_of_the_way_and_torch_is_left_as_it_was() -> None:
    before = torch.get_float32_matmul_precision()
    assert plan_precision.speed(plan_precision.Way("float32", "", "medium"), "cpu") > 1e6
    assert torch.get_float32_matmul_precision() == before
