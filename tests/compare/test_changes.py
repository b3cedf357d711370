"""Made-up marks whose changes are known."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from loresmith import statistics
from loresmith.compare.changes import Change, compare, differing
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.compare.reading import read
from loresmith.compare.words import markdown
from loresmith.errors import UserError
from tests.compare.conftest import sheet


def results(*sheets: Sheet, label: str = "x") -> Results:
    return Results(Path(label), label, "rows", sheets)


def only(before: Sheet, after: Sheet) -> Change:
    (change,) = compare(results(before), results(after)).changes
    return change


def test_a_gain_on_the_same_questions_is_an_improvement_with_its_paired_interval() -> None:
    change = only(sheet([0] * 60 + [1] * 40), sheet([0] * 40 + [1] * 60))
    assert (change.outcome, change.matched) == ("improved", 100)
    assert change.difference.value == pytest.approx(0.2)
    assert change.difference.low > 0.1
    worse = only(sheet([0] * 40 + [1] * 60), sheet([0] * 60 + [1] * 40))
    assert (worse.outcome, worse.difference.value) == ("worse", pytest.approx(-0.2))


def test_the_same_figures_on_other_questions_prove_less_and_it_is_said() -> None:
    after = sheet([0] * 40 + [1] * 60)
    moved = replace(after, marks=tuple(replace(mark, question=f"other {mark.question}") for mark in after.marks))
    found = compare(results(sheet([0] * 60 + [1] * 40)), results(moved))
    (change,) = found.changes
    assert change.matched == 0
    assert (change.difference.low, change.difference.high) == (
        statistics.unpaired(statistics.wilson(40, 100), statistics.wilson(60, 100)).low,
        statistics.unpaired(statistics.wilson(40, 100), statistics.wilson(60, 100)).high,
    )
    assert any("do not match" in line for line in markdown(found))


def test_of_sets_that_overlap_the_questions_in_both_count() -> None:
    before, after = sheet([0] * 100), sheet([1] * 80)
    found = compare(results(before), results(after))
    assert found.changes[0].matched == 80
    assert any("80 questions are in both, of 100 before and 80 after" in line for line in markdown(found))
    few = replace(after, marks=tuple(replace(mark, question=f"{i - 70}") for i, mark in enumerate(after.marks)))
    assert compare(results(before), results(few)).changes[0].matched == 0  # 10 of 80: too few to stand for all


def test_no_change_on_many_questions_is_unchanged_and_on_few_cannot_be_told() -> None:
    rng = np.random.default_rng(1)
    base = rng.random(1000) < 0.5
    flipped = base ^ (rng.random(1000) < 0.02)
    assert only(sheet(base.tolist()), sheet(flipped.tolist())).outcome == "unchanged"
    few = only(sheet(base[:60].tolist()), sheet((base ^ (rng.random(1000) < 0.3))[:60].tolist()))
    assert few.outcome == "cannot tell"
    assert few.questions_needed is not None and few.questions_needed > 60


def test_from_a_handful_of_questions_no_number_is_forecast() -> None:
    change = only(sheet([0, 1, 0, 1]), sheet([1, 1, 0, 1]))
    assert (change.outcome, change.questions_needed) == ("cannot tell", None)


def test_many_categories_are_corrected_for_their_number() -> None:
    """One subject of 20 gained 10 questions of 40, with p about 0.01 by itself: among 20 that is what chance gives."""
    before, after = [], []
    for subject in range(20):
        for i in range(40):
            tags = {"subject": f"s{subject:02d}"}
            old, new = (float(i >= 14), float(i < 14 or i >= 18)) if subject == 7 else (float(i % 2), float(i % 2))
            before.append(Mark(f"{subject}/{i}", old, tags=tags))
            after.append(Mark(f"{subject}/{i}", new, tags=tags))
    found = compare(results(Sheet("mmlu", "acc", tuple(before))), results(Sheet("mmlu", "acc", tuple(after))))
    seventh = next(change for change in found.changes if change.category == "s07")
    assert statistics.p_of(seventh.difference) < 0.05 < seventh.p_holm
    assert seventh.outcome == "cannot tell"


def test_questions_of_one_document_count_as_less_than_as_many_of_several() -> None:
    old, new = [0.0] * 400, [float(i // 20 % 3 == 0) for i in range(400)]
    alone = only(sheet(old), sheet(new)).difference
    together = only(sheet(old, to_a_document=20), sheet(new, to_a_document=20)).difference
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_where_less_is_better_a_fall_is_an_improvement() -> None:
    rng = np.random.default_rng(2)
    before = [float(score) for score in rng.normal(20, 1, 60)]
    old = replace(sheet(before, measure="perplexity"), lower_is_better=True)
    new = replace(sheet([score - 2 for score in before], measure="perplexity"), lower_is_better=True)
    change = only(old, new)
    assert (change.outcome, change.difference.value) == ("improved", pytest.approx(2))
    assert any("+2 [" in line for line in markdown(compare(results(old), results(new))))


def test_an_exam_is_compared_by_form_kind_and_document(tmp_path: Path, write_exam: Callable[..., Path]) -> None:
    before = write_exam(tmp_path / "old", {"lora": [False] * 40}, exams=("recall",))
    after = write_exam(tmp_path / "new", {"lora": [True, False] * 20}, exams=("recall",))
    found = compare(read(before), read(after))
    cuts = {(change.by, change.category): change for change in found.changes if change.measure == "correct"}
    assert {by for by, _ in cuts} == {"all", "form", "kind", "document"}
    assert cuts["form", "short"].outcome == "improved"
    assert cuts["form", "choice"].difference.value == 0
    assert cuts["document", "manual-0.md"].difference.n == 5
    assert cuts["all", "all"].settings == ()


def test_lm_eval_runs_are_paired_question_by_question(recorded: Path) -> None:
    found = compare(read(recorded / "first"), read(recorded / "second"))
    change = found.changes[0]
    assert (change.sheet, change.measure, change.matched, change.prompts_differ) == ("parts", "acc", 12, 0)
    assert change.difference.value == pytest.approx(1 / 12, abs=1e-6)
    assert change.settings == ()


def test_other_settings_and_other_prompts_are_never_passed_over(recorded: Path) -> None:
    found = compare(read(recorded / "second"), read(recorded / "few-shot"))
    said = list(markdown(found))
    assert any("num_fewshot: 0 → 2" in line for line in said)
    assert any("chat template: not applied → applied" in line for line in said)
    assert any("12 of 12 questions were shown in other words" in line for line in said)
    rows = [line for line in said if line.startswith("| parts")]
    assert len(rows) == 2 and all("(!)" in row for row in rows)
    assert found.only_before == ("sums (exact_match, strict-match)", "sums (exact_match, flexible-extract)")


def test_another_way_of_scoring_choices_is_said(tmp_path: Path, write_exam: Callable[..., Path]) -> None:
    before = write_exam(tmp_path / "old", {"lora": [True] * 20})
    after = write_exam(tmp_path / "new", {"lora": [True] * 20}, choice_scoring="letter")
    said = list(markdown(compare(read(before), read(after))))
    assert "! recall was scored in different ways, choice_scoring: text → letter: what changed may be that." in said


def test_what_differs_is_listed_and_long_values_are_cut() -> None:
    found = differing({"a": "1", "b": "x" * 90}, {"a": "1", "b": "y", "c": "2"})
    assert found == (f"b: {'x' * 37}… → y", "c: not recorded → 2")


def test_results_without_a_common_task_are_refused(recorded: Path) -> None:
    with pytest.raises(UserError, match=r"no exam or task in common: recall and parts, sums"):
        compare(results(sheet([1])), read(recorded / "first"))


def test_questions_without_a_score_are_counted_in_the_notes() -> None:
    old, new = replace(sheet([0.5] * 9, measure="faithfulness"), unscored=3), sheet([0.5] * 12, measure="faithfulness")
    assert compare(results(old, label="old"), results(new)).notes == ("old: 3 of 12 questions have no faithfulness",)
