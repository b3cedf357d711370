"""Made-up grades whose figures are known."""

from collections.abc import Callable

import numpy as np
import pytest

from loresmith import statistics
from loresmith.evaluate import tally
from loresmith.evaluate.grounding import Lookup
from loresmith.evaluate.results import cell_of, pairs_of
from loresmith.records import Evidence, Form, Grade, Question

RIGHT = {
    "base": {"short": range(0, 4), "choice": range(0, 3)},
    "lora": {"short": range(0, 20), "choice": range(0, 6)},
    "rag": {"short": range(2, 12), "choice": range(0, 9)},
    "lora+rag": {"short": range(0, 24), "choice": range(0, 9)},
}
"""Which questions each arm gets right, by their place among those of the form."""


@pytest.fixture
def asked(questions: Callable[[str], list[Question]]) -> list[Question]:
    return questions("recall")


def graded(asked: list[Question]) -> list[Grade]:
    grades = []
    for arm, right in RIGHT.items():
        for form in ("short", "choice"):
            for place, question in enumerate(question for question in asked if question.form == form):
                grades.append(grade(question, arm, form, place in right[form]))
    return grades


def grade(question: Question, arm: str, form: str, correct: bool) -> Grade:
    forms: dict[str, Form] = {"short": "short", "choice": "choice"}
    return Grade(
        question=question.id,
        fact=question.fact,
        document=question.document,
        arm=arm,
        exam="recall",
        form=forms[form],
        given="",
        correct=correct,
        token_f1=1.0 if correct else 0.5 * (form == "short"),
        unparsed=None if correct or form == "choice" else "empty answer",
    )


@pytest.fixture
def log(asked: list[Question]) -> tally.Log:
    return tally.Log(graded(asked), {question.id: question for question in asked}, 1000, 17)


def test_a_cell_counts_its_arm_in_its_form_and_pooled(log: tally.Log) -> None:
    cells = tally.cells(log)
    short, pooled = cell_of(cells, "recall", "lora", "short"), cell_of(cells, "recall", "lora")
    assert short is not None and pooled is not None
    documents = [grade.document for grade in log.by_cell["recall", "short", "lora"]]
    assert short.accuracy == statistics.share([True] * 20 + [False] * 7, documents)
    assert short.accuracy.method == "Wilson over 9 documents, 95%"
    assert (pooled.accuracy.value, pooled.accuracy.n) == (pytest.approx(26 / 36, abs=1e-6), 36)
    assert short.unparsed == {"empty answer": 7}
    assert len(cells) == 4 * 3


def test_token_f1_is_over_short_answers_only(log: tally.Log) -> None:
    cells = tally.cells(log)
    choice, pooled = cell_of(cells, "recall", "base", "choice"), cell_of(cells, "recall", "base")
    assert choice is not None and pooled is not None and pooled.token_f1 is not None
    assert choice.token_f1 is None
    assert pooled.token_f1.value == pytest.approx((4 + 23 * 0.5) / 27, abs=1e-6)
    assert pooled.token_f1.n == 27


def test_pairs_are_compared_on_the_same_questions(log: tally.Log) -> None:
    pairs = {pair.name: pair for pair in pairs_of(tally.pairs(log), "recall", "short")}
    assert pairs.keys() == {"lora - base", "rag - base", "lora+rag - base", "rag - lora", "lora+rag - lora"}
    pair = pairs["rag - base"]  # base right on 0-3, rag on 2-11: won 4-11, lost 0 and 1
    assert (pair.won, pair.lost) == (8, 2)
    assert pair.difference.value == pytest.approx(6 / 27, abs=1e-6)
    assert pair.p == pytest.approx(statistics.mcnemar(8, 2), abs=1e-6)
    assert pair.difference.method == "paired Student's t over 9 documents, 95%"


def test_the_interval_of_a_pair_is_that_of_its_own_scores(log: tally.Log, asked: list[Question]) -> None:
    pair = next(pair for pair in pairs_of(tally.pairs(log), "recall", "short") if pair.name == "lora - base")
    short = [question for question in asked if question.form == "short"]
    expected = statistics.paired_bootstrap(
        [float(i in RIGHT["base"]["short"]) for i in range(27)],
        [float(i in RIGHT["lora"]["short"]) for i in range(27)],
        [question.document for question in short],
        np.random.default_rng(0),
        20000,
    )
    assert pair.difference.low == pytest.approx(expected.low, abs=0.04)
    assert pair.difference.high == pytest.approx(expected.high, abs=0.04)


def test_the_best_single_arm_depends_on_the_form(log: tally.Log) -> None:
    names = [pair.name for pair in pairs_of(tally.pairs(log), "recall", "choice")]
    assert "lora+rag - rag" in names
    assert "lora+rag - lora" not in names


def test_p_values_are_adjusted_within_exam_and_form(log: tally.Log) -> None:
    pairs = list(pairs_of(tally.pairs(log), "recall", "short"))
    adjusted = statistics.holm({pair.name: pair.p for pair in pairs})
    assert {pair.name: pair.p_holm for pair in pairs} == pytest.approx(adjusted, abs=1e-6)
    assert any(pair.p_holm > pair.p for pair in pairs)


def test_leaving_an_arm_out_changes_no_figure_of_the_others(log: tally.Log) -> None:
    fewer = tally.Log([g for g in log.grades if g.arm in ("base", "lora")], log.questions, log.samples, log.seed)
    before = next(pair for pair in tally.pairs(log) if pair.name == "lora - base" and pair.form == "all")
    after = next(pair for pair in tally.pairs(fewer) if pair.name == "lora - base" and pair.form == "all")
    assert before.difference == after.difference
    assert [pair.name for pair in tally.pairs(fewer)] == ["lora - base"] * 3


def test_arms_that_never_differ_still_leave_room_for_a_difference(log: tally.Log) -> None:
    same = [g.model_copy(update={"correct": True}) for g in log.grades if g.arm in ("base", "lora")]
    pair = tally.pairs(tally.Log(same, log.questions, 1000, 17))[0]
    assert (pair.won, pair.lost, pair.p) == (0, 0, 1.0)
    assert pair.visible > 0.1


def test_parts_show_kinds_and_documents_and_mark_the_small_ones(log: tally.Log) -> None:
    parts = [part for part in tally.parts(log) if part.arm == "base"]
    by_kind = {part.name: part for part in parts if part.by == "kind"}
    assert {name: part.accuracy.n for name, part in by_kind.items()} == {"number": 27, "definition": 9}
    assert {name: part.is_small for name, part in by_kind.items()} == {"number": False, "definition": True}
    assert len([part for part in parts if part.by == "document"]) == 9
    assert sum(part.accuracy.n for part in parts if part.by == "document") == 36


def test_retrieval_figures_are_hit_rate_and_mean_reciprocal_rank(log: tally.Log, asked: list[Question]) -> None:
    ranks = [1, 2, None, 4] * 9
    lookups = {
        question.id: Lookup(question=question.id, chunks=("a",), gold_rank=rank, has_quote=rank == 1)
        for question, rank in zip(asked, ranks, strict=True)
    }
    (found,) = tally.retrieval(log, lookups, 4)
    assert found.hit == statistics.wilson(27, 36)
    assert found.quoted == statistics.wilson(9, 36)
    assert found.reciprocal_rank.value == pytest.approx((1 + 0.5 + 0.25) / 4)
    assert tally.retrieval(log, {}, 4) == ()


def test_equal_words_are_counted_apart_from_right_answers(asked: list[Question]) -> None:
    marks = [(True, True), (True, False), (False, False), (False, None)]  # the last compared no words
    grades = [
        grade(question, "rag", "short", correct).model_copy(update={"exact": exact})
        for question, (correct, exact) in zip(asked[::2], marks, strict=False)
    ]
    cell = cell_of(
        tally.cells(tally.Log(grades, {question.id: question for question in asked}, 1000, 17)), "recall", "rag"
    )
    assert cell is not None and cell.exact == statistics.wilson(1, 3)
    assert cell.accuracy == statistics.wilson(2, 4)


def test_gain_is_discounted_by_rank_and_shared_by_all_chunks_that_a_question_rests_on(asked: list[Question]) -> None:
    more = Evidence(chunk="other", document="d", source="s", page=None, start=0, end=1, quote="q")
    first, second = asked[0].model_copy(update={"also": (more,)}), asked[2]
    lookups = {
        first.id: Lookup(question=first.id, chunks=("x", "other", first.chunk), gold_rank=3, has_quote=True),
        second.id: Lookup(question=second.id, chunks=(second.chunk, "x", "y"), gold_rank=1, has_quote=True),
    }
    grades = [grade(question, "rag", "short", True) for question in (first, second)]
    log = tally.Log(grades, {question.id: question for question in (first, second)}, 1000, 17)
    (found,) = tally.retrieval(log, lookups, 3)
    both = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))  # ranks 2 and 3 where 1 and 2 were possible
    assert found.gain is not None
    assert found.gain.value == pytest.approx((both + 1) / 2, abs=1e-6)


def test_refusals_are_counted_apart_where_they_are_right_and_where_they_are_wrong(asked: list[Question]) -> None:
    short = [question for question in asked if question.form == "short"][:6]
    grades = [
        grade(question, "rag", "short", False).model_copy(update={"exam": exam, "given": given})
        for exam, shares in (("recall", 1), ("unanswerable", 4))
        for question, given in zip(short, ["The text does not say."] * shares + ["4 bar"] * 6, strict=False)
    ]
    (found,) = tally.refusals(tally.Log(grades, {question.id: question for question in asked}, 100, 17))
    assert found.rightly is not None and found.wrongly is not None
    assert (found.rightly.value, found.rightly.n) == (pytest.approx(4 / 6, abs=1e-6), 6)
    assert (found.wrongly.value, found.wrongly.n) == (pytest.approx(1 / 6, abs=1e-6), 6)


def test_nothing_is_said_of_refusals_where_nothing_unanswerable_was_asked(log: tally.Log) -> None:
    assert tally.refusals(log) == ()
