"""Intervals are compared with brute force, with scipy where it is installed, and with simulated truths."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith import statistics


def simulated_exam(rng: np.random.Generator, documents: int, spread: float) -> tuple[list[bool], list[bool], list[str]]:
    """Two arms whose true accuracies are 0.4 and 0.5, the second differing from document to document by `spread`."""
    first: list[bool] = []
    second: list[bool] = []
    clusters: list[str] = []
    for document in range(documents):
        size = int(rng.integers(5, 20))
        share = min(1.0, max(0.0, 0.5 + rng.normal(0, spread)))
        first += (rng.random(size) < 0.4).tolist()
        second += (rng.random(size) < share).tolist()
        clusters += [str(document)] * size
    return first, second, clusters


def covers(interval_low: float, truth: float, interval_high: float) -> bool:
    return interval_low <= truth <= interval_high


def test_wilson_solves_its_own_equation() -> None:
    """The bounds are the shares p at which |observed - p| is 1.96 standard errors of p."""
    for correct, n in ((8, 10), (55, 100), (1, 30), (399, 400)):
        interval = statistics.wilson(correct, n)
        for bound in (interval.low, interval.high):
            distance = abs(correct / n - bound) / math.sqrt(bound * (1 - bound) / n)
            assert distance == pytest.approx(1.959964, abs=2e-3)


def test_wilson_gives_published_intervals() -> None:
    eight_of_ten, half = statistics.wilson(8, 10), statistics.wilson(55, 100)
    assert (round(eight_of_ten.low, 2), round(eight_of_ten.high, 2)) == (0.49, 0.94)
    assert (round(half.low, 2), round(half.high, 2)) == (0.45, 0.64)


@given(n=st.integers(1, 500), data=st.data())
def test_wilson_contains_the_share_and_stays_between_0_and_1(n: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, n))
    interval = statistics.wilson(correct, n)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.n == n


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_a_share_of_nothing_is_refused_rather_than_zero(correct: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        statistics.wilson(correct, n)


def test_wilson_covers_the_truth_in_about_95_of_100_exams() -> None:
    hits = total = 0.0
    for n, truth in itertools.product((20, 100), (0.1, 0.5, 0.9)):
        for correct in range(n + 1):
            weight = math.comb(n, correct) * truth**correct * (1 - truth) ** (n - correct)
            interval = statistics.wilson(correct, n)
            hits += weight * covers(interval.low, truth, interval.high)
            total += weight
    assert 0.93 < hits / total < 0.97


def test_drawing_counts_gives_the_distribution_of_drawing_documents_one_by_one() -> None:
    rng = np.random.default_rng(5)
    first, second, clusters = simulated_exam(rng, 20, 0.2)
    difference = np.array(second, float) - np.array(first, float)
    of = [difference[[cluster == str(name) for cluster in clusters]] for name in range(20)]
    means = [np.concatenate([of[i] for i in rng.integers(0, 20, 20)]).mean() for _ in range(20000)]
    tail = statistics.tail_of(20)
    low, high = np.quantile(means, [tail, 1 - tail])
    ours = statistics.paired_bootstrap(first, second, clusters, np.random.default_rng(1), 200_000)
    assert ours.value == pytest.approx(difference.mean(), abs=1e-6)
    assert ours.low == pytest.approx(low, abs=0.01)
    assert ours.high == pytest.approx(high, abs=0.01)


@pytest.mark.parametrize(("documents", "spread"), [(12, 0.2), (12, 0.0), (8, 0.2), (4, 0.2), (6, 0.2), (3, 0.0)])
def test_paired_intervals_cover_the_true_difference_about_95_times_in_100(documents: int, spread: float) -> None:
    rng = np.random.default_rng(documents)
    hits, exams = 0, 800
    for _ in range(exams):
        interval = statistics.paired_bootstrap(*simulated_exam(rng, documents, spread), rng, 500)
        hits += covers(interval.low, 0.1, interval.high)
    assert 0.92 <= hits / exams <= 0.975  # 800 exams tell 95% from what is outside 93.5 to 96.5


def test_whole_documents_are_resampled_where_there_are_enough() -> None:
    rng = np.random.default_rng(2)
    first, second, clusters = simulated_exam(rng, 24, 0.3)
    by_document = statistics.paired_bootstrap(first, second, clusters, np.random.default_rng(0), 2000)
    by_question = statistics.paired_bootstrap(
        first, second, [str(i) for i in range(len(first))], np.random.default_rng(0), 2000
    )
    assert by_document.method == "paired bootstrap over 24 documents, 95%"
    assert by_document.high - by_document.low > 1.2 * (by_question.high - by_question.low)


def test_with_a_handful_of_documents_the_interval_is_students() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    scores, clusters = rng.random(50), [str(k % 5) for k in range(50)]
    means = [float(np.mean(scores[k::5])) for k in range(5)]  # of equal size: the plain interval of five means
    expected = stats.t.interval(0.95, 4, np.mean(means), stats.sem(means))
    ours = statistics.bootstrap(scores.tolist(), clusters, rng, 1000)
    assert ours.method == "Student's t over 5 documents, 95%"
    assert [ours.low, ours.high] == pytest.approx([expected[0], expected[1]], abs=1e-4)


def test_bounds_stay_where_scores_can_be() -> None:
    clusters = [str(k % 4) for k in range(40)]
    scores = [float(k % 4 > 0) for k in range(40)]
    rng = np.random.default_rng(0)
    assert statistics.bootstrap(scores, clusters, rng, 1000).high == 1.0
    assert statistics.paired_bootstrap([1.0 - score for score in scores], scores, clusters, rng, 1000).high == 1.0
    assert statistics.bootstrap([10 * score for score in scores], clusters, rng, 1000).high > 10  # such as perplexities


def test_with_few_documents_the_questions_are_resampled_and_the_method_says_so() -> None:
    first, second, clusters = simulated_exam(np.random.default_rng(3), 3, 0.0)
    interval = statistics.paired_bootstrap(first, second, clusters, np.random.default_rng(0), 1000)
    assert interval.method == f"paired bootstrap over {len(first)} questions (3 documents are too few), 95%"
    assert interval.low < interval.value < interval.high


def test_questions_about_one_fact_stay_together_where_documents_are_few() -> None:
    first, second = [False] * 80, [bool(k // 2 % 2) for k in range(80)]  # both questions of a fact go the same way
    documents, facts = ["only"] * 80, [str(k // 2) for k in range(80)]
    alone = statistics.paired_bootstrap(first, second, documents, np.random.default_rng(0), 4000)
    together = statistics.paired_bootstrap(first, second, documents, np.random.default_rng(0), 4000, facts)
    assert together.method == "paired bootstrap over 40 facts (1 document is too few), 95%"
    assert together.high - together.low == pytest.approx(2**0.5 * (alone.high - alone.low), rel=0.1)


def test_the_same_generator_state_gives_the_same_interval() -> None:
    exam = simulated_exam(np.random.default_rng(3), 24, 0.1)
    drawn = [statistics.paired_bootstrap(*exam, np.random.default_rng(7), 1300) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != statistics.paired_bootstrap(*exam, np.random.default_rng(8), 1300)


def test_a_bootstrap_of_equal_scores_is_a_point() -> None:
    interval = statistics.bootstrap([0.25] * 30, [str(i) for i in range(30)], np.random.default_rng(0), 1000)
    assert (interval.low, interval.value, interval.high, interval.n) == (0.25, 0.25, 0.25, 30)


def test_scores_that_cannot_be_paired_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="cannot be paired"):
        statistics.paired_bootstrap([1, 0], [1], ["a", "a"], rng, 1000)
    with pytest.raises(ValueError, match="no interval"):
        statistics.bootstrap([], [], rng, 1000)


@given(only_first=st.integers(0, 12), only_second=st.integers(0, 12))
def test_mcnemar_equals_counting_all_coin_tosses(only_first: int, only_second: int) -> None:
    tosses = only_first + only_second
    as_far = [k for k in range(tosses + 1) if abs(2 * k - tosses) >= abs(only_first - only_second)]
    expected = sum(math.comb(tosses, k) for k in as_far) / 2**tosses
    assert statistics.mcnemar(only_first, only_second) == pytest.approx(expected, rel=1e-12)


def test_mcnemar_agrees_with_scipy_on_small_and_huge_counts() -> None:
    stats = pytest.importorskip("scipy.stats")
    for first, second in ((10, 20), (0, 9), (45, 80), (3000, 3100)):
        expected = stats.binomtest(first, first + second).pvalue
        assert statistics.mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_discordant_pairs_are_counted_each_way() -> None:
    assert statistics.discordant([True, True, False, False, True], [True, False, True, True, False]) == (2, 2)
    assert statistics.discordant([True, True], [False, True]) == (1, 0)


def test_holm_steps_down_and_never_lets_a_larger_p_fall_below_a_smaller_one() -> None:
    adjusted = statistics.holm({"d": 0.5, "a": 0.01, "b": 0.02, "c": 0.03})
    assert adjusted == {"d": 0.5, "a": 0.04, "b": 0.06, "c": 0.06}
    assert list(adjusted) == ["d", "a", "b", "c"]
    assert statistics.holm({"a": 0.6, "b": 0.7}) == {"a": 1.0, "b": 1.0}


def test_student_quantiles_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for freedom in (1, 2, 3, 8, 29, 300, 301, 5000):
        expected = stats.t.ppf(0.025, freedom)
        assert statistics.student_quantile(0.025, freedom) == pytest.approx(expected, abs=1e-4)


def test_sample_sizes_are_the_published_ones() -> None:
    """15% discordant pairs: about 1,304 questions to see 3 points with 80% power, 468 for 5 points."""
    assert statistics.questions_needed(0.03, 0.15) == pytest.approx(1304, abs=3)
    assert statistics.questions_needed(0.05, 0.15) == pytest.approx(468, abs=2)


@given(n=st.integers(10, 5000), share=st.floats(0, 1))
def test_the_smallest_visible_difference_is_the_least_that_n_questions_show(n: int, share: float) -> None:
    difference = statistics.smallest_visible_difference(n, share)
    assert statistics.questions_needed(min(1.0, difference + 1e-5), share) <= n
    assert statistics.questions_needed(max(1e-6, difference - 1e-4), share) >= n


def test_the_promised_power_is_reached_in_simulation() -> None:
    rng, difference, share = np.random.default_rng(11), 0.1, 0.3
    n = statistics.questions_needed(difference, share)
    outcomes = rng.multinomial(n, [(share - difference) / 2, (share + difference) / 2, 1 - share], size=600)
    seen = [statistics.mcnemar(int(worse), int(better)) < 0.05 for worse, better, _ in outcomes]
    assert 0.70 < sum(seen) / 600 < 0.88  # the exact test is a little more cautious than the formula's z-test


def test_too_few_questions_show_no_difference_at_all() -> None:
    assert statistics.smallest_visible_difference(3, 0.2) == 1.0
    with pytest.raises(ValueError, match="no number of questions"):
        statistics.questions_needed(0.0, 0.2)
