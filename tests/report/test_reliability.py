"""Calibration by a slow plain version, by hand, and by models whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.records import Grade, Question
from loresmith.report import reliability
from loresmith.report.reliability import Calibration, Choice

SAMPLES = 500


def chosen(sure: float, is_right: bool, document: int = 0) -> Choice:
    return Choice(sure, is_right, f"d{document}", f"f{document}")


def calibrated(choices: list[Choice]) -> Calibration:
    found = reliability.calibration(choices, np.random.default_rng(3), SAMPLES)
    assert found is not None
    return found


def plain_error(choices: list[Choice]) -> float:
    """Guo et al. 2017, eq. 3, as it stands there: bins ((m - 1) / 10, m / 10]."""
    whole = 0.0
    for m in range(1, 11):
        inside = [one for one in choices if (m - 1) / 10 < one.certainty <= m / 10]
        if inside:
            accuracy = sum(one.is_right for one in inside) / len(inside)
            certainty = sum(one.certainty for one in inside) / len(inside)
            whole += len(inside) / len(choices) * abs(accuracy - certainty)
    return whole


def drawn(rng: np.random.Generator, n: int, too_sure_by: float) -> list[Choice]:
    sure = rng.uniform(0.4, 1.0, n)
    right = rng.random(n) < np.clip(sure - too_sure_by, 0, 1)
    return [chosen(float(s), bool(r), place % 40) for place, (s, r) in enumerate(zip(sure, right, strict=True))]


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.booleans()), min_size=2, max_size=40))
def test_the_error_is_that_of_the_plain_formula(rows: list[tuple[float, bool]]) -> None:
    choices = [chosen(sure, is_right, place) for place, (sure, is_right) in enumerate(rows)]
    found = calibrated(choices)
    assert found.error.value == pytest.approx(plain_error(choices), abs=2e-6)
    assert found.error.low <= found.error.value <= found.error.high
    assert sum(one.right.n for one in found.bins) == found.n == len(choices)


def test_a_calibrated_model_is_rarely_called_anything_else() -> None:
    rng = np.random.default_rng(11)
    called = [calibrated(drawn(rng, 200, 0.0)) for _ in range(60)]
    assert sum(one.is_seen for one in called) <= 9  # 3 expected; above 9 in one of 1,000 runs
    assert all((one.error.low == 0) == (not one.is_seen) for one in called)


def test_a_model_that_is_too_sure_is_seen_to_be() -> None:
    found = calibrated(drawn(np.random.default_rng(5), 400, 0.3))
    assert found.is_seen
    assert found.error.low < 0.3 < found.error.high
    assert found.certainty - found.right == pytest.approx(0.3, abs=0.08)


def test_few_documents_are_resampled_by_fact_and_one_fact_tells_nothing() -> None:
    of_facts = [Choice(0.5, place % 2 == 0, "d", f"f{place}") for place in range(8)]
    assert calibrated(of_facts).error.method.startswith("bootstrap over 8 facts")
    assert reliability.calibration([chosen(0.5, True)] * 5, np.random.default_rng(3), SAMPLES) is None


def question(*options: str) -> Question:
    given = {"id": "q", "fact": "f", "document": "d", "source": "s", "page": None, "chunk": "c", "quote": "2 bar"}
    return Question(**given, kind="cell", form="choice", wording=0, question="?", answer=options[0], options=options)


def grade(given: str, *likelihoods: float) -> Grade:
    asked = {"question": "q", "fact": "f", "document": "d", "arm": "base", "exam": "recall", "form": "choice"}
    return Grade(**asked, given=given, correct=True, token_f1=1.0, likelihoods=likelihoods)


def test_certainty_is_the_share_of_the_option_that_was_chosen() -> None:
    weighed = grade("b", math.log(0.01), math.log(0.03))
    assert reliability.certainty(weighed, question("a", "b"), by_letter=False) == pytest.approx(0.75)
    far = grade("a", -2000.0, -3000.0)  # underflows without care
    assert reliability.certainty(far, question("a", "b"), by_letter=False) == 1.0


def test_a_long_option_that_was_chosen_per_character_is_not_chosen_with_a_certainty_of_nothing() -> None:
    asked, weighed = question("4 bar", "a spring of brass 9"), grade("a spring of brass 9", -5.0, -9.5)
    per_character = math.exp(12 * -0.5) / (math.exp(12 * -0.5) + math.exp(12 * -1.0))  # 12 is the mean length
    assert reliability.certainty(weighed, asked, by_letter=False) == pytest.approx(per_character)
    assert reliability.certainty(weighed, asked, by_letter=True) == pytest.approx(1 / (1 + math.exp(4.5)))


@pytest.mark.parametrize("unknown", [grade("a"), grade("a", -1.0), grade("c", -1.0, -2.0), grade("", -1.0, -2.0)])
def test_where_nothing_was_recorded_nothing_is_known(unknown: Grade) -> None:
    assert reliability.certainty(unknown, question("a", "b"), by_letter=False) is None
