"""The counting, against published examples and by hand."""

import numpy as np
import pytest

from loresmith.blind.contest import Contest, Pair, Side
from loresmith.blind.session import Choice, Vote
from loresmith.blind.tally import Outcome, alpha, counted, win_rate
from loresmith.blind.words import headline, lines


def contest(pairs: int) -> Contest:
    made = tuple(
        Pair(
            **{"key": f"k{n}", "exam": "recall", "question": "?", "document": f"d{n % 6}", "fact": f"f{n}"},
            **{"source": "s", "page": None, "quote": "q", "answer": "x", "a": "1", "b": "2"},
        )
        for n in range(pairs)
    )
    return Contest(name="c", a="base", b="lora", seed=1, asked=pairs + 4, same=4, pairs=made)


def vote(number: int, choice: Choice, left: Side = "a", rater: str = "anna") -> Vote:
    return Vote(key=f"k{number}", rater=rater, vote=choice, left=left, at="")


def test_krippendorffs_own_example_with_missing_votes() -> None:
    # Krippendorff 2011, section D: four observers, twelve units, nominal data: alpha = 0.743
    observers = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    units = [[row[place] for row in observers if row[place] != "."] for place in range(12)]
    assert alpha([unit for unit in units if len(unit) > 1]) == pytest.approx(0.743, abs=0.001)


def test_alpha_is_one_for_agreement_nothing_for_a_single_outcome_and_below_zero_against_chance() -> None:
    assert alpha([["a", "a"], ["b", "b"]]) == 1.0
    assert alpha([["a", "a"], ["a", "a"]]) is None
    assert alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)


def test_a_vote_is_for_whoever_stood_on_that_side() -> None:
    found = counted(
        contest(4),
        [vote(0, "left", "a"), vote(1, "left", "b"), vote(2, "right", "a"), vote(3, "tie", "b")],
    )
    assert (found.wins_a, found.wins_b, found.ties, found.bad) == (1, 2, 1, 0)
    assert found.win_rate.value == pytest.approx((0 + 1 + 1 + 0.5) / 4)
    assert found.left is not None
    assert (found.left.n, found.left.value) == (3, pytest.approx(2 / 3))
    assert found.agreement is None


def test_winning_everything_leaves_an_interval_and_winning_little_decides_nothing() -> None:
    clear = counted(contest(20), [vote(n, "right") for n in range(20)])
    assert (clear.preferred, clear.win_rate.value) == ("b", 1.0)
    assert 0.8 < clear.win_rate.low < 0.9
    assert clear.p < 0.001
    assert headline(clear) == "lora is preferred to base."
    few = counted(contest(4), [vote(n, "right") for n in range(4)])
    assert few.preferred == "neither"
    assert "decide nothing" in headline(few)


def test_one_who_always_votes_left_is_seen_as_biased_and_makes_no_winner() -> None:
    votes = [vote(n, "left", "a" if n % 2 else "b") for n in range(20)]
    found = counted(contest(20), votes)
    assert (found.preferred, found.win_rate.value) == ("neither", 0.5)
    assert found.left_p is not None and found.left_p < 0.001
    assert "a bias of position" in "\n".join(lines(found))


def two_raters() -> Outcome:
    votes = [vote(n, "right" if n % 3 else "left") for n in range(12)]
    votes += [vote(n, "right" if n % 4 else "left", rater="béla") for n in range(12)]
    return counted(contest(12), votes)


def test_several_raters_count_once_a_pair_and_their_agreement_is_told() -> None:
    found = two_raters()
    assert (found.votes, found.judged, found.win_rate.n) == (24, 12, 12)
    assert found.agreement is not None and found.agreement.alpha is not None
    same = sum((n % 3 == 0) == (n % 4 == 0) for n in range(12))
    assert found.agreement.unanimous.value == pytest.approx(same / 12)
    assert found.agreement.alpha.low <= found.agreement.alpha.value <= found.agreement.alpha.high
    assert found.agreement == two_raters().agreement
    assert "12 pairs had two raters or more" in "\n".join(lines(found))


def test_the_win_rate_is_never_surer_than_so_many_independent_questions() -> None:
    scores, places = [0.0, 1.0] * 10, [str(n % 7) for n in range(20)]
    found = win_rate(scores, places, places, np.random.default_rng(0))
    assert (found.low, found.high) <= (0.3, 1.0)
    assert found.low <= 0.2993
