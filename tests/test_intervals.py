"""Intervals against those of scipy and statsmodels, and against simulated truths (long: benchmarks/intervals.py)."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from loresmith import statistics
from loresmith.records import Estimate


@pytest.fixture
def intervals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return importlib.import_module("intervals")


def estimate(value: float, low: float, high: float, n: int = 100) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, method="")


@pytest.mark.parametrize(("won", "lost", "same"), [(12, 4, 100), (0, 7, 30), (60, 40, 300)])
def test_mcnemar_is_that_of_statsmodels(won: int, lost: int, same: int) -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    expected = tables.mcnemar([[same, lost], [won, same]], exact=True).pvalue
    assert statistics.mcnemar(won, lost) == pytest.approx(expected, rel=1e-9)


def test_wilson_and_holm_are_those_of_statsmodels() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    multiple = pytest.importorskip("statsmodels.stats.multitest")
    for correct, n in ((0, 12), (8, 10), (55, 100), (399, 400)):
        low, high = proportion.proportion_confint(correct, n, method="wilson")
        ours = statistics.wilson(correct, n)
        assert [ours.low, ours.high] == pytest.approx([low, high], abs=1e-5)
    p_values = np.random.default_rng(1).random(9) ** 3
    expected = multiple.multipletests(p_values, method="holm")[1]
    adjusted = statistics.holm({str(place): float(p) for place, p in enumerate(p_values)})
    assert list(adjusted.values()) == pytest.approx(list(expected))


def test_the_difference_of_separate_shares_is_newcombes_interval() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for (first, n), (second, m) in (((30, 100), (55, 120)), ((0, 20), (3, 25)), ((90, 100), (88, 100))):
        low, high = proportion.confint_proportions_2indep(second, m, first, n, method="newcomb")
        ours = statistics.unpaired(statistics.wilson(first, n), statistics.wilson(second, m))
        assert [ours.low, ours.high] == pytest.approx([low, high], abs=1e-4)
        assert ours.value == pytest.approx(second / m - first / n, abs=1e-6)


def test_the_bootstrap_over_questions_is_that_of_scipy() -> None:
    scipy = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(4)
    first, second = rng.random(300) < 0.4, rng.random(300) < 0.55
    alone = [str(place) for place in range(300)]
    ours = statistics.paired_bootstrap(first.tolist(), second.tolist(), alone, np.random.default_rng(0), 20_000)
    difference = second.astype(float) - first
    level = 1 - 2 * statistics.tail_of(
        300
    )  # ours takes the percentile that is right for 300 questions, not for infinity
    theirs = scipy.bootstrap(
        (difference,), np.mean, confidence_level=level, n_resamples=20_000, method="percentile", rng=rng
    ).confidence_interval
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=4e-3)


def test_the_bootstrap_over_documents_is_as_wide_as_the_clustered_regression_of_statsmodels(
    intervals: ModuleType,
) -> None:
    linear = pytest.importorskip("statsmodels.regression.linear_model")
    rng = np.random.default_rng(5)
    first, second, clusters = intervals.compared_marks(rng, intervals.Compared(40, 20, 0.1, 0.3, 0.2))
    names = np.unique(clusters, return_inverse=True)[1]
    model = linear.OLS(second - first, np.ones(len(first)))
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": names}, use_t=True)
    low, high = fitted.conf_int()[0]
    ours = statistics.paired_bootstrap(first, second, clusters, np.random.default_rng(0), 20_000)
    assert ours.value == pytest.approx(fitted.params[0], abs=1e-6)
    assert ours.high - ours.low == pytest.approx(high - low, rel=0.05)


def test_a_p_value_read_off_an_interval_is_the_one_that_made_it() -> None:
    assert statistics.p_of(estimate(0.1, 0.0, 0.2)) == pytest.approx(0.05)
    assert statistics.p_of(estimate(-0.2, -0.3, -0.1)) == pytest.approx(8.9e-5, rel=0.02)
    assert statistics.p_of(estimate(0.0, -0.1, 0.1)) == 1.0
    assert statistics.p_of(estimate(0.1, 0.1, 0.1)) == 0.0


def test_questions_for_a_distance_give_the_power_that_is_promised() -> None:
    """At the number that is named, a true difference that far from the bound is clear of it 80 times in 100."""
    rng = np.random.default_rng(6)
    seen = estimate(0.0, -0.098, 0.098)  # 1.96 standard errors of 0.05 at n = 100, so 0.5 a question
    needed = statistics.questions_for(seen, 0.05)
    means = 0.05 + rng.normal(0, 0.5 / needed**0.5, 4000)
    assert 0.77 < np.mean(means - 1.96 * 0.5 / needed**0.5 > 0) < 0.83


def test_where_nothing_differs_the_interval_still_has_a_width() -> None:
    rng = np.random.default_rng(7)
    alone = [str(place) for place in range(20)]
    same = statistics.paired_bootstrap([True] * 20, [True] * 20, alone, rng, 1000)
    assert same.low < -0.1 and same.high > 0.1 and same.value == 0
    assert same.method == "paired bootstrap over 20 documents, widened for few differences, 95%"
    scores = statistics.paired_bootstrap([0.5] * 20, [0.75] * 20, alone, rng, 1000)
    assert (scores.low, scores.high) == (0.25, 0.25)  # no marks: nothing is known of how such scores could differ


def test_three_questions_won_of_three_prove_nothing() -> None:
    found = statistics.paired_bootstrap([0, 0, 0], [1, 1, 1], ["a", "b", "c"], np.random.default_rng(0), 1000)
    assert found.low < 0.05
    assert found.high == 1.0


def test_a_share_of_scattered_answers_is_wilsons_and_of_clustered_ones_wider() -> None:
    documents = [str(place // 10) for place in range(200)]
    scattered = statistics.share([place % 2 == 0 for place in range(200)], documents)
    assert scattered == statistics.wilson(100, 200)
    together = statistics.share([place // 10 % 2 == 0 for place in range(200)], documents)
    assert together.method == "Wilson over 20 documents, 95%"
    assert together.high - together.low > 3 * (scattered.high - scattered.low)
    assert statistics.share([True] * 200, documents) == statistics.wilson(200, 200)
    with pytest.raises(ValueError, match="no share"):
        statistics.share([], [])


def test_wilson_covers_93_to_97_of_100_on_average_over_the_truth(intervals: ModuleType) -> None:
    """No interval for whole numbers of right answers does so at every single truth."""
    for n in (20, 50, 100, 400):
        covered = [intervals.wilson_covers(n, truth) for truth in np.linspace(0.03, 0.97, 48)]
        assert 0.94 < np.mean(covered) < 0.965


# 600 exams tell 95% from what is outside 92.5 to 97.5
@pytest.mark.parametrize("setting", [(20, 5, 0.5, 0.1), (12, 10, 0.5, 0.3), (50, 8, 0.9, 0.1)])
def test_the_share_of_clustered_answers_covers_the_truth(
    intervals: ModuleType, setting: tuple[int, int, float, float]
) -> None:
    plain, ours = intervals.share_covers(setting, 600, 3)
    assert plain < 0.92
    assert 0.925 <= ours <= 0.975


@pytest.mark.parametrize("exam", [(100, 1, 0.0, 0.2), (100, 1, 0.1, 0.25), (20, 20, 0.1, 0.25, 0.2)])
def test_the_paired_interval_covers_the_true_gain(intervals: ModuleType, exam: tuple[int, ...]) -> None:
    _, ours = intervals.difference_covers(intervals.Compared(*exam), 600, 4)
    assert 0.925 <= ours <= 0.975


def test_the_paired_interval_covers_the_truth_where_the_plain_bootstrap_is_blind(intervals: ModuleType) -> None:
    plain, ours = intervals.difference_covers(intervals.Compared(50, 1, 0.02, 0.04), 300, 5)
    assert plain < 0.85
    assert ours > 0.93
