"""Long answers in the report, on a made-up project."""

import pytest

from loresmith.records import Estimate
from loresmith.report import compose, cost, long_answers, markdown, outcome
from loresmith.report.content import Examples, Prose, Section, Table
from loresmith.report.exam import Agreement, Exam, Judged, JudgedArm, LongPair, LongScores
from loresmith.report.material import Material
from loresmith.report.page import page
from tests.report.conftest import HOSTILE


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.05, high=value + 0.05, n=40, method="bootstrap over 10 documents, 95%")


def scores(arm: str, value: float, cut_off: int) -> LongScores:
    return LongScores(
        arm=arm,
        exam="recall",
        n=40,
        token_f1=estimate(value),
        rouge_l=estimate(value),
        bleu=estimate(value / 2),
        corpus_bleu=value / 2,
        words=31.5,
        reference_words=28.0,
        cut_off=cut_off,
        unread={"empty answer": 1},
        unscored={},
    )


@pytest.fixture
def asked(material: Material) -> Material:
    """The project with its short questions on valve 0 asked for as long ones, which nobody graded."""
    assert material.exam is not None
    pair = LongPair(
        name="lora - base", than="base", exam="recall", measure="rouge_l", difference=estimate(0.12), p_holm=0.0004
    )
    long = (scores("base", 0.2, 0), scores("lora", 0.32, 3))
    other = Material(material.settings, material.parents)
    other.__dict__["exam"] = material.exam.model_copy(update={"long": long, "long_pairs": (pair,)})
    changed = {"form": "long", "correct": None}
    other.__dict__["all_grades"] = [
        grade.model_copy(update=changed) if grade.form == "short" and grade.question.endswith("-0") else grade
        for grade in material.all_grades
    ]
    return other


def section_of(material: Material) -> Section:
    section = long_answers.long_answers(material)
    assert section is not None
    return section


def test_each_arm_has_its_means_with_interval_n_and_what_was_cut_off(asked: Material) -> None:
    section = section_of(asked)
    first, second = (block for block in section.blocks if isinstance(block, Table))
    assert first.rows[1][:5] == ("recall", "lora", "0.320 [0.270, 0.370]", "0.160 [0.110, 0.210]", "0.160")
    assert first.rows[1][6:] == ("40", "31.5", "3", "1 empty answer")
    assert "recall: 28" in first.caption
    assert second.rows == (("recall", "lora − base", "ROUGE-L", "+0.120 [+0.070, +0.170]", "< 0.001", "40"),)
    told = " ".join(block.text for block in section.blocks if isinstance(block, Prose))
    assert "lora 3 of 40 (recall)" in told
    assert "no share of right answers" in told
    assert "take no part in the verdict" in section.lead


def test_long_answers_are_shown_without_a_mark_of_right_or_wrong_and_do_nothing(asked: Material) -> None:
    (shown,) = (block for block in section_of(asked).blocks if isinstance(block, Examples))
    assert {said.correct for item in shown.items for said in (*item.said, *item.others)} == {None}
    report = compose.compose(asked)
    html, text = page(report), markdown.written(report)
    assert HOSTILE not in html
    assert "<h2" in html
    assert "Long answers" in html
    assert "ROUGE-L" in text
    assert "  - base: " in text


def test_the_technical_report_says_how_long_answers_are_measured_and_what_was_found(asked: Material) -> None:
    chapters = {section.id: section.model_dump_json() for section in compose.compose(asked).technical}
    assert "rouge-score" in chapters["metrics"]
    assert "Recall, lora − base, ROUGE-L: +0.120 [+0.070, +0.170], n = 40." in chapters["metrics"]
    assert "no share of right answers" in chapters["limits"]


def test_a_project_without_long_questions_says_nothing_of_them(material: Material) -> None:
    assert long_answers.long_answers(material) is None
    assert "rouge-score" not in markdown.written(compose.compose(material))


def test_an_exam_of_long_questions_alone_has_a_report(asked: Material) -> None:
    exam = asked.exam
    assert exam is not None
    asked.__dict__["exam"] = exam.model_copy(update={"cells": (), "pairs": (), "parts": (), "known": ()})
    asked.__dict__["all_grades"] = [grade for grade in asked.all_grades if grade.form == "long"]
    assert outcome.arms(asked) is None
    assert "Long answers" in markdown.written(compose.compose(asked))


def test_results_of_a_version_without_long_answers_are_read(material: Material) -> None:
    assert material.exam is not None
    before = material.exam.model_dump(exclude={"long", "long_pairs"})
    assert Exam.model_validate(before).long == ()


def judge(*, is_trusted: bool) -> Judged:
    kappa = Estimate(value=0.81, low=0.66 if is_trusted else -0.1, high=0.93, n=80, method="bootstrap")
    counts = {"both_right": 36, "only_judge": 4, "only_exact": 3, "both_wrong": 37}
    said = {"right": 20, "partly": 8, "wrong": 10}
    return Judged(
        model="grader",
        min_kappa=0.4,
        is_trusted=is_trusted,
        words="The judge (grader) is <b>sound</b>." if is_trusted else "The judge (grader) is not to be trusted.",
        agreement=Agreement(n=80, raw=estimate(0.91), kappa=kappa, unjudged={"wrong schema": 2}, **counts),
        arms=(JudgedArm(arm="lora", exam="recall", n=40, share=estimate(0.53), unjudged={"no JSON": 2}, **said),),
    )


@pytest.mark.parametrize("is_trusted", [True, False])
def test_what_the_judge_is_worth_stands_before_what_it_says(asked: Material, is_trusted: bool) -> None:
    assert asked.exam is not None
    asked.__dict__["exam"] = asked.exam.model_copy(update={"judge": judge(is_trusted=is_trusted)})
    section = section_of(asked)
    worth = next(block for block in section.blocks if isinstance(block, Prose) and "grader" in block.text)
    assert worth.tone == ("plain" if is_trusted else "warning")
    tables = {block.caption.split(" (")[0]: block for block in section.blocks if isinstance(block, Table)}
    kappa = "0.81 [0.66, 0.93]" if is_trusted else "0.81 [−0.10, 0.93]"
    (row,) = tables["The judge beside the exact grading, on the same answers"].rows
    assert row == ("80", "91.0%", "[86.0, 96.0]", kappa, "36", "4", "3", "37", "2 wrong schema")
    (verdicts,) = tables["Long answers by the judge"].rows
    assert verdicts == ("recall", "lora", "20", "8", "10", "53.0% [48.0, 58.0]", "40", "2 no JSON")
    assert ("take part in the verdict" in section.lead) == is_trusted
    assert ("take no part in the verdict" in section.lead) != is_trusted
    html = page(compose.compose(asked))
    assert "<b>sound</b>" not in html
    assert "Kappa" in markdown.written(compose.compose(asked))


def test_calls_and_tokens_of_the_judge_stand_in_the_costs(material: Material) -> None:
    account = {"calls": 120, "prompt_tokens": 60_000, "completion_tokens": 4_800, "money": 0.25}
    material.parents["evaluate"].manifest.notes["judge"] = account
    section = cost.cost(material)
    assert section is not None
    told = section.model_dump_json()
    assert "60,000 read, 4,800 written in 120 calls of the judge" in told
    assert "The judge's answers to evaluate cost 0.25" in told
