import pytest

from loresmith import statistics
from loresmith.benchmark.items import Item
from loresmith.benchmark.results import Mark, Score
from loresmith.benchmark.scoring import Tally, comparisons, scores
from loresmith.benchmark.table import TASKS


def tally(task: str, metric: str, base: list[tuple[str, float]], lora: list[float], available: dict[str, int]) -> Tally:
    items = [Item(id=str(number), subject=subject, question="?") for number, (subject, _) in enumerate(base)]

    def marks(arm: str, values: list[float]) -> list[Mark]:
        return [
            Mark(question=item.id, arm=arm, subject=item.subject, given="", scores={metric: value})
            for item, value in zip(items, values, strict=True)
        ]

    by_arm = {"base": marks("base", [value for _, value in base]), "lora": marks("lora", lora)}
    return Tally(TASKS[task], by_arm, items, available, samples=1000, seed=17)


def test_one_subject_has_a_plain_share_with_wilson_s_interval() -> None:
    found = tally("gsm8k", "strict_match", [("", 1.0)] * 3 + [("", 0.0)] * 7, [1.0] * 10, {"": 10})
    first = next(score for score in scores_of(found, "strict_match") if score.arm == "base")
    assert first.value == statistics.wilson(3, 10)


def scores_of(found: Tally, metric: str) -> list[Score]:
    for arm in found.marks.values():
        for mark in arm:
            mark.scores.setdefault("flexible_extract", 0.0)
    return [score for score in scores(found) if score.metric == metric]


def test_subjects_together_weigh_as_much_as_all_their_questions() -> None:
    asked = [("anatomy", 1.0), ("anatomy", 0.0), ("virology", 1.0), ("virology", 1.0)]
    found = tally("mmlu", "acc", asked, [0.0] * 4, {"anatomy": 300, "virology": 100})
    by_scope = {score.subject: score.value for score in scores(found) if score.arm == "base"}
    assert by_scope[""].value == pytest.approx(0.75 * 0.5 + 0.25 * 1.0)
    assert by_scope[""].method == "Wilson 95%, 2 subjects pooled"
    assert by_scope["anatomy"] == by_scope["stem"] == statistics.wilson(1, 2)
    low, high = statistics.wilson_bounds(0.625, 16 / (2 * 1.5**2 + 2 * 0.5**2))
    assert (by_scope[""].low, by_scope[""].high) == pytest.approx((low, high), abs=1e-6)


def test_equal_shares_leave_every_question_its_weight() -> None:
    asked = [("anatomy", 1.0), ("anatomy", 0.0), ("virology", 1.0), ("virology", 1.0)]
    found = tally("mmlu", "acc", asked, [0.0] * 4, {"anatomy": 2, "virology": 2})
    whole = next(score.value for score in scores(found) if (score.arm, score.subject) == ("base", ""))
    plain = statistics.wilson(3, 4)
    assert (whole.value, whole.low, whole.high) == (plain.value, plain.low, plain.high)


def test_arms_are_compared_question_by_question() -> None:
    base = [("", 1.0)] * 6 + [("", 0.0)] * 14
    found = tally("sciq", "acc", base, [1.0] * 5 + [0.0] + [1.0] * 8 + [0.0] * 6, {"": 20})
    for arm in found.marks.values():
        for mark in arm:
            mark.scores["acc_norm"] = mark.scores["acc"]
    pair = next(pair for pair in comparisons(found, "lora", "base") if pair.metric == "acc")
    assert (pair.won, pair.lost) == (8, 1)
    assert pair.difference.value == pytest.approx(7 / 20)
    assert pair.difference.low < 0.35 < pair.difference.high
    assert pair.p == pytest.approx(statistics.mcnemar(8, 1), abs=1e-6)


def test_a_difference_over_subjects_is_that_of_the_two_scores() -> None:
    asked = [("anatomy", 1.0), ("anatomy", 0.0), ("virology", 1.0), ("virology", 1.0)]
    found = tally("mmlu", "acc", asked, [0.0, 0.0, 1.0, 0.0], {"anatomy": 300, "virology": 100})
    whole = {score.arm: score.value.value for score in scores(found) if score.subject == ""}
    (pair,) = comparisons(found, "lora", "base")
    assert pair.difference.value == pytest.approx(whole["lora"] - whole["base"], abs=1e-6)


def test_a_share_of_probability_has_no_test_of_right_and_wrong() -> None:
    found = tally("truthfulqa_mc2", "mass", [("", 0.25)] * 10, [0.5] * 10, {"": 10})
    (pair,) = comparisons(found, "lora", "base")
    assert (pair.p, pair.visible, pair.won) == (None, None, 0)
    assert pair.difference.value == pytest.approx(0.25)
    assert "questions" in pair.difference.method
