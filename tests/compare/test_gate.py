"""Decisions whose right answer is known, and the error rates that the gate promises (long: benchmarks/gate.py)."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from loresmith.compare import contests
from loresmith.compare.gate import Contest, Decision, Rule, decide
from loresmith.compare.marks import Results, Sheet
from loresmith.errors import UserError
from loresmith.recipe import GateConfig
from tests.compare.conftest import sheet

CONFIG = GateConfig()


def contest(old: Sequence[float], new: Sequence[float], name: str = "recall") -> Contest:
    return Contest(sheet(old, name=name), sheet(new, name=name))


def changed(n: int, before: float, won: int, lost: int, name: str = "recall") -> Contest:
    """`n` questions of which the old version gets a share right; the new one wins and loses so many."""
    right = round(n * before)
    old = [1.0] * right + [0.0] * (n - right)
    new = [0.0] * lost + [1.0] * (right - lost + won) + [0.0] * (n - right - won)
    return contest(old, new, name)


BETTER = changed(400, 0.4, won=60, lost=20)


def rule(found: Decision, name: str) -> Rule:
    return next(rule for rule in found.rules if rule.name == name)


def test_a_clear_gain_that_costs_nothing_is_promoted() -> None:
    found = decide([BETTER], [changed(2000, 0.6, 20, 20, "gsm8k")], CONFIG)
    assert found.decision == "promote"
    assert found.headline.startswith("Promote: better by +10.0 [+5.")
    assert [rule.status for rule in found.rules] == ["holds", "holds"]
    assert found.cautions == ()


def test_a_fall_on_a_benchmark_is_named_with_its_interval() -> None:
    found = decide([BETTER], [changed(400, 0.6, won=10, lost=34, name="gsm8k")], CONFIG)
    assert found.decision == "keep"
    assert found.headline.startswith("Do not ship: gsm8k fell by 6.0 [")
    assert found.headline.endswith("points, below 95% of 60.0%.")


def test_a_benchmark_too_small_to_show_that_nothing_was_lost_does_not_let_a_version_pass() -> None:
    small = changed(60, 0.6, won=3, lost=3, name="gsm8k")
    found = decide([BETTER], [small], CONFIG)
    assert found.decision == "cannot tell"
    assert "gsm8k may have fallen below 95% of 60.0%" in found.headline
    more = rule(found, "gsm8k").questions_needed
    assert more is not None and more > 500
    assert f"{more:,} more questions needed" in found.headline
    let = decide([BETTER], [small], GateConfig(unproven_floor="promote"))
    assert let.decision == "promote"
    assert let.cautions[0].startswith("Let pass, as the recipe says: gsm8k may have fallen")


def test_a_floor_that_is_broken_is_never_let_pass() -> None:
    fallen = changed(400, 0.6, won=10, lost=34, name="gsm8k")
    assert decide([BETTER], [fallen], GateConfig(unproven_floor="promote")).decision == "keep"


def test_the_number_of_questions_that_is_named_is_enough() -> None:
    found = decide([changed(100, 0.4, won=14, lost=8)], [], CONFIG)
    assert found.decision == "cannot tell"
    more = rule(found, "improvement").questions_needed
    assert more is not None
    times = (100 + more) / 100
    larger = changed(100 + more, 0.4, won=round(14 * times), lost=round(8 * times))
    assert decide([larger], [], CONFIG).decision == "promote"


def test_a_gain_that_is_ruled_out_keeps_the_old_version() -> None:
    found = decide([changed(1000, 0.5, won=30, lost=30)], [], CONFIG)
    assert found.decision == "keep"
    assert found.headline.startswith("Do not ship: a gain of 5 points is ruled out (+0.0 [")


def test_a_clear_gain_below_the_bar_keeps_the_old_version_unless_the_recipe_asks_for_less() -> None:
    small = changed(400, 0.5, won=17, lost=2)
    assert "less than the 5 points that the recipe asks for" in decide([small], [], CONFIG).headline
    assert decide([small], [], GateConfig(min_improvement=0.02)).decision == "promote"


def test_a_bare_difference_above_the_bar_is_not_enough() -> None:
    assert decide([changed(100, 0.4, won=15, lost=9)], [], CONFIG).decision == "cannot tell"  # +6 points


def test_an_exam_that_clearly_fell_is_not_hidden_by_the_others() -> None:
    fallen = changed(100, 0.5, won=0, lost=15, name="transfer")
    found = decide([changed(400, 0.4, won=100, lost=10), fallen], [], CONFIG)
    assert rule(found, "improvement").status == "holds"
    assert found.headline.startswith("Do not ship: transfer fell by 15.0 [")


def test_questions_without_an_answer_give_a_caution_and_decide_nothing() -> None:
    inventing = changed(60, 0.9, won=0, lost=30, name="unanswerable")
    found = decide([BETTER, inventing], [], CONFIG)
    assert found.decision == "promote"
    assert any("refusing fell by 50.0" in caution for caution in found.cautions)
    assert any("No general benchmark" in caution for caution in found.cautions)


def test_questions_that_only_one_version_has_are_left_out_and_counted() -> None:
    old, new = BETTER.old, BETTER.new
    longer = Sheet(new.name, new.measure, (*new.marks, *sheet([1.0] * 500).marks[400:]))
    found = decide([Contest(old, longer)], [], CONFIG)
    assert found.rules[0].after.n == 400
    assert "recall: decided on the 400 questions that both have, of 400 of the baseline and 500" in found.cautions[1]


def test_of_a_baseline_that_knows_nothing_nothing_can_be_lost() -> None:
    found = decide([BETTER], [contest([0] * 12, [0] * 12, "gsm8k")], CONFIG)
    assert rule(found, "gsm8k").status == "holds"


def results(*sheets: Sheet, label: str = "x") -> Results:
    return Results(Path(label), label, "rows", sheets)


def test_each_benchmark_is_decided_by_one_measure() -> None:
    both = [
        sheet([1.0], name="gsm8k", measure="exact_match, strict-match"),
        sheet([0.0], name="gsm8k", measure="exact_match, flexible-extract"),
        sheet([1.0], name="arc", measure="acc"),
        sheet([1.0], name="arc", measure="acc_norm"),
    ]
    found = contests.general([results(*both)], [results(*both)])
    assert [(each.name, each.new.measure) for each in found] == [
        ("gsm8k", "exact_match, flexible-extract"),
        ("arc", "acc_norm"),
    ]


def test_a_benchmark_that_the_new_version_was_not_asked_is_not_passed_over() -> None:
    with pytest.raises(UserError, match="no score on arc, which the baseline has"):
        contests.general([results(sheet([1.0], name="arc"))], [results(sheet([1.0], name="gsm8k"))])
    with pytest.raises(UserError, match="The baseline has no score on arc"):
        contests.general([results()], [results(sheet([1.0], name="arc"))])


def test_versions_that_were_scored_in_different_ways_are_refused() -> None:
    old, new = (Sheet("recall", "correct", (), {"choice_scoring": way}) for way in ("text", "letter"))
    marked = [Sheet(each.name, each.measure, sheet([1.0]).marks, each.settings) for each in (old, new)]
    with pytest.raises(UserError, match="scored in different ways: choice_scoring: text → letter"):
        contests.exams(results(marked[0]), results(marked[1]))


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("gate")


@pytest.mark.parametrize(("n", "bare"), [(100, 0.08), (400, 0.0)])
def test_no_better_version_is_promoted_once_in_twenty_at_most(study: ModuleType, n: int, bare: float) -> None:
    gate, same, _ = study.improvement(study.World(n, 0.4, 0.0, 0.25), 100, 2)
    assert gate <= 0.05
    assert same >= bare


def test_a_version_that_is_ten_points_better_is_promoted_four_times_in_five(study: ModuleType) -> None:
    gate, _, _ = study.improvement(study.World(400, 0.4, 0.1, 0.25), 40, 3)
    assert gate >= 0.8


def test_a_version_at_the_floor_passes_as_seldom_as_promised(study: ModuleType) -> None:
    held, _, _, bare = study.floor(study.World(400, 0.6, -0.03, 0.1), 60, 4)
    assert held <= 0.07
    assert bare > 0.3
