"""Long answers in the report, on a made-up project."""

import pytest

from loresmith.records import Estimate
from loresmith.report import compose, long_answers, markdown, outcome
from loresmith.report.content import Examples, Prose, Section, Table
from loresmith.report.exam import Exam, LongPair, LongScores
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
