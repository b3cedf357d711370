"""Rules on made-up results; each case says what a careful reader would conclude."""

import pytest

from loresmith import statistics
from loresmith.evaluate.results import Cell, Found, Limited, Pair, Refusals
from loresmith.evaluate.verdict import is_clear, points, verdict
from loresmith.records import Estimate

ACCURACY = 0.3


def estimate(value: float, half: float = 0.04, n: int = 300) -> Estimate:
    return Estimate(value=value, low=round(value - half, 6), high=round(value + half, 6), n=n, method="made up")


def pair(name: str, value: float, half: float = 0.04, exam: str = "recall", p: float | None = None) -> Pair:
    better, than = name.split(" - ")
    shown = abs(value) > half
    return Pair(
        name=name,
        better=better,
        than=than,
        exam=exam,
        form="all",
        difference=estimate(value, half),
        token_f1=None,
        won=45,
        lost=15,
        p=0.0001,
        p_holm=p if p is not None else (0.001 if shown else 0.6),
        visible=0.07,
    )


def cells(*exams: str) -> tuple[Cell, ...]:
    return tuple(
        Cell(arm=arm, exam=exam, form=form, n=300, accuracy=estimate(ACCURACY), token_f1=None, unparsed={})
        for exam in exams
        for form in ("short", "all")
        for arm in ("base", "lora", "rag", "lora+rag")
    )


def recall(lora: float, rag: float, both: float, rag_lora: float, best: tuple[str, float]) -> tuple[Pair, ...]:
    return (
        pair("lora - base", lora),
        pair("rag - base", rag),
        pair("lora+rag - base", both),
        pair("rag - lora", rag_lora),
        pair(f"lora+rag - {best[0]}", best[1]),
    )


@pytest.mark.parametrize(
    ("pairs", "decision", "headline"),
    [
        (recall(0.2, 0.3, 0.5, 0.1, ("rag", 0.2)), "lora+rag", "Ship lora+rag: the two together do better"),
        (recall(0.0, 0.0, 0.1, 0.0, ("rag", 0.1)), "lora+rag", "Ship lora+rag: neither fine-tuning nor retrieval"),
        (recall(0.2, 0.4, 0.41, 0.2, ("rag", 0.01)), "rag", "Use retrieval alone"),
        (recall(0.2, 0.4, 0.3, 0.2, ("rag", -0.1)), "rag", "that is clearly better than fine-tuning"),
        (recall(0.0, 0.3, 0.3, 0.3, ("rag", 0.0)), "rag", "fine-tuning did not clearly help"),
        (recall(0.3, 0.31, 0.31, 0.01, ("rag", 0.0)), "rag", "helps too, but adds nothing that this exam can show"),
        (recall(0.5, 0.0, 0.5, -0.5, ("lora", 0.0)), "lora", "Fine-tuning helped: ship the adapter (+50.0 points"),
        (recall(0.5, 0.2, 0.5, -0.3, ("lora", 0.0)), "lora", "that is clearly better than retrieval"),
        (recall(0.0, 0.0, 0.0, 0.0, ("rag", 0.0)), "none", "Nothing helped"),
        (recall(-0.2, 0.0, 0.0, 0.2, ("rag", 0.0)), "none", "Fine-tuning clearly harmed."),
        (recall(-0.2, -0.2, -0.3, 0.0, ("rag", -0.1)), "none", "clearly harmed."),
    ],
)
def test_one_exam_decides_as_a_careful_reader_would(pairs: tuple[Pair, ...], decision: str, headline: str) -> None:
    found = verdict(cells("recall"), pairs)
    assert found.decision == decision
    assert headline in found.headline


def test_a_wide_interval_cannot_tell_and_says_how_many_questions_would() -> None:
    pairs = (pair("lora - base", 0.06, 0.1), pair("rag - base", 0.0, 0.04))
    found = verdict(cells("recall"), pairs)
    assert found.decision == "unclear"
    needed = statistics.questions_needed(0.06, 0.2)
    assert found.questions_needed is not None
    assert needed <= found.questions_needed <= 1.1 * needed
    assert f"needs about {found.questions_needed:,} questions per exam instead of 300" in found.headline


def test_the_number_of_questions_asked_for_is_more_than_were_asked() -> None:
    found = verdict(cells("recall"), (pair("lora - base", 0.3, 0.31),))
    assert found.questions_needed is not None
    assert found.questions_needed > 300


def test_an_interval_without_zero_is_not_clear_when_holm_doubts_it() -> None:
    assert is_clear(pair("lora - base", 0.1))
    assert not is_clear(pair("lora - base", 0.1, p=0.2))
    assert not is_clear(pair("lora - base", 0.03))
    assert verdict(cells("recall"), (pair("lora - base", 0.1, p=0.2),)).decision == "unclear"


def test_a_gain_on_recall_bought_with_a_loss_on_transfer_does_not_help() -> None:
    pairs = (pair("lora - base", 0.5), pair("lora - base", -0.2, exam="transfer"))
    found = verdict(cells("recall", "transfer"), pairs)
    assert found.decision == "none"
    assert "Fine-tuning clearly harmed" in found.headline


def test_arms_that_are_each_best_in_one_exam_are_shipped_together_if_nothing_is_lost() -> None:
    split = (
        *recall(0.5, 0.2, 0.5, -0.3, ("lora", 0.0)),
        pair("lora - base", 0.0, exam="transfer"),
        pair("rag - base", 0.4, exam="transfer"),
        pair("lora+rag - base", 0.4, exam="transfer"),
        pair("rag - lora", 0.4, exam="transfer"),
    )
    together = (*split, pair("lora+rag - rag", 0.0, exam="transfer"))
    apart = (*split, pair("lora+rag - rag", -0.1, exam="transfer"))
    assert verdict(cells("recall", "transfer"), together).decision == "lora+rag"
    alone = verdict(cells("recall", "transfer"), apart)
    assert alone.decision == "rag"
    assert "fine-tuning is better in one exam, worse in the other" in alone.headline


def test_a_gain_in_one_exam_alone_is_said_to_be_that() -> None:
    pairs = (pair("lora - base", 0.5), pair("lora - base", -0.02, exam="transfer"))
    found = verdict(cells("recall", "transfer"), pairs)
    assert found.decision == "lora"
    assert found.cautions[0].startswith(
        "The gain is on recall alone: on transfer, fine-tuning shows no clear difference"
    )
    everywhere = (pair("lora - base", 0.5), pair("lora - base", 0.2, exam="transfer"))
    assert verdict(cells("recall", "transfer"), everywhere).cautions == ()


def test_only_lora_examined_says_nothing_about_retrieval() -> None:
    found = verdict(cells("recall"), (pair("lora - base", 0.5),))
    assert found.decision == "lora"
    assert "retrieval" not in found.headline


def test_without_base_there_is_nothing_to_tell() -> None:
    found = verdict(cells("recall"), (pair("rag - lora", 0.5),))
    assert found.decision == "unclear"
    assert "Add `base`" in found.cautions[0]


def test_the_evidence_gives_both_accuracies_the_interval_and_the_number_of_questions() -> None:
    (line,) = verdict(cells("recall"), (pair("lora - base", 0.5),)).evidence
    assert line == (
        "Recall: fine-tuning is better than the base model (30.0% → 30.0%, +50.0 points [+46.0, +54.0], n = 300, "
        "p = 0.001)."
    )


def test_unread_answers_poor_retrieval_and_limits_are_cautioned() -> None:
    short = next(cell for cell in cells("recall") if cell.form == "short")
    unread = short.model_copy(update={"unparsed": {"empty answer": 30}})
    few = short.model_copy(update={"unparsed": {"empty answer": 15}, "arm": "lora"})
    found = Found(exam="recall", k=3, hit=estimate(0.5), reciprocal_rank=estimate(0.5), quoted=estimate(0.4))
    cut = Limited(exam="recall", form="short", asked=300, available=900)
    cautions = verdict((unread, few), (pair("lora - base", 0.5),), [found], [cut]).cautions
    assert len(cautions) == 3
    assert "300 of 900 short questions" in cautions[0]
    assert "base 30 of 300 (empty answer)" in cautions[1]
    assert "lora" not in cautions[1]
    assert "only 40%" in cautions[2]


def test_questions_without_an_answer_decide_nothing_and_are_evidence() -> None:
    pairs = (pair("lora - base", 0.5), pair("lora - base", -0.6, exam="unanswerable"))
    found = verdict(cells("recall", "unanswerable"), pairs)
    assert found.decision == "lora"
    assert any(line.startswith("Unanswerable: fine-tuning is worse") for line in found.evidence)


def test_arms_that_answer_what_no_document_tells_or_refuse_what_one_tells_are_named() -> None:
    refusals = [
        Refusals(arm="base", rightly=estimate(0.9), wrongly=estimate(0.9)),
        Refusals(arm="lora", rightly=estimate(0.1), wrongly=estimate(0.05)),
        Refusals(arm="rag", rightly=estimate(0.7), wrongly=estimate(0.3)),
    ]
    answered, refused = verdict(cells("recall"), (pair("lora - base", 0.5),), refusals=refusals).cautions
    assert answered.endswith("answered all the same: lora 90%.")
    assert refused.endswith("refused: rag 30%.")


def test_points_carry_their_sign() -> None:
    assert (points(0.063), points(-0.063), points(0)) == ("+6.3", "−6.3", "+0.0")
