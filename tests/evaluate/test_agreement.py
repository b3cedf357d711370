"""Cohen's kappa against hand-made tables and a slow plain version."""

import numpy as np
import pytest

from loresmith.evaluate.agreement import kappa
from loresmith.records import Estimate


def of(both: int, first: int, second: int, neither: int, to_a_document: int = 1) -> Estimate | None:
    marks = [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither
    mixed = [marks[place] for place in np.random.default_rng(5).permutation(len(marks))]
    documents = [str(place // to_a_document) for place in range(len(mixed))]
    return kappa([a for a, _ in mixed], [b for _, b in mixed], documents, np.random.default_rng(3), 2000)


def test_kappa_is_agreement_beyond_chance() -> None:
    found = of(20, 5, 10, 15)
    assert found is not None
    assert (found.value, found.n) == (0.4, 50)  # 0.7 agreed, 0.5 by chance
    assert found.low < 0.2 < 0.6 < found.high


def test_two_who_say_the_same_to_everything_agree_by_chance_alone() -> None:
    assert of(30, 0, 0, 0) is None


@pytest.mark.parametrize(("n", "low"), [(4, 0.1), (20, 0.69), (200, 0.96)])
def test_few_answers_prove_no_perfect_judge(n: int, low: float) -> None:
    found = of(n // 2, 0, 0, n // 2)
    assert found is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(low, abs=0.1)


def test_a_judge_that_errs_by_whole_documents_has_the_wider_interval() -> None:
    def judged(by_document: bool) -> Estimate:
        rng = np.random.default_rng(8)
        exact = [bool(place % 2) for place in range(400)]
        errs = np.repeat(rng.random(40) < 0.2, 10) if by_document else rng.random(400) < 0.2
        judge = [mark != bool(err) for mark, err in zip(exact, errs, strict=True)]
        found = kappa(judge, exact, [str(place // 10) for place in range(400)], np.random.default_rng(1), 2000)
        assert found is not None
        return found

    alone, together = judged(by_document=False), judged(by_document=True)
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_interval_covers_the_truth_of_a_judge_that_errs_in_one_of_ten() -> None:
    rng, hits = np.random.default_rng(4), 0
    for _ in range(150):
        exact = rng.random(80) < 0.5
        judge = exact ^ (rng.random(80) < 0.1)
        found = kappa(list(judge), list(exact), [str(i // 2) for i in range(80)], np.random.default_rng(2), 1000)
        assert found is not None
        hits += found.low <= 0.8 <= found.high
    assert 138 <= hits <= 150  # 95% of 150 is 142.5


def test_grades_without_their_pair_are_no_agreement() -> None:
    with pytest.raises(ValueError, match="2 and 1 grades"):
        kappa([True, False], [True], ["a", "b"], np.random.default_rng(1), 1000)
