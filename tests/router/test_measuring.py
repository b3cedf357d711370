import pytest

from loresmith.router.decision import Route
from loresmith.router.measuring import Asked, measured


def route(expert: str | None, probability: float = 0.97, why: str = "probability", likeliest: str = "a") -> Route:
    told = {"expert": expert, "why": why, "likeliest": expert or likeliest, "probability": probability, "nearness": 0.5}
    return Route.model_validate(told)


def test_accuracy_is_among_those_that_were_sent_and_abstention_among_all() -> None:
    asked = [Asked("?", "a", f"d{number}") for number in range(5)]
    routes = [route("a"), route("a"), route("b"), route(None, why="far"), route(None, why="unsure")]
    found = measured(asked, routes)
    assert found.whole.accuracy is not None
    assert found.whole.accuracy.value == pytest.approx(2 / 3, abs=1e-6)
    assert (found.whole.abstention.value, found.whole.far, found.whole.unsure) == (0.4, 1, 1)
    assert found.confusion == {"a": {"a": 2, "b": 1, "base": 2}}


def test_what_was_claimed_stands_beside_what_came_true_of_all_questions_abstained_or_not() -> None:
    asked = [Asked("?", "a", f"d{number}") for number in range(4)]
    routes = [route("a", 1.0), route("b", 0.85), route(None, 0.55, "unsure"), route(None, 0.5, "far", "b")]
    bins = {
        (row.low, row.high): (row.questions, row.claimed, row.seen.value) for row in measured(asked, routes).calibration
    }
    assert bins == {(0.0, 0.6): (2, 0.525, 0.5), (0.8, 0.9): (1, 0.85, 0.0), (0.99, 1.0): (1, 1.0, 1.0)}


def test_of_questions_for_nobody_any_that_is_sent_is_wrong() -> None:
    found = measured([Asked("?", None, "1"), Asked("?", None, "2")], [route("a"), route(None, why="far")])
    assert found.whole.accuracy is not None
    assert found.whole.accuracy.value == 0.0
    assert (found.experts, found.calibration) == ({}, ())
