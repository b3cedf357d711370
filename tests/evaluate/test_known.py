"""Made-up grades of which the base has some right."""

from collections.abc import Callable

import pytest

from loresmith import statistics
from loresmith.evaluate import tally
from loresmith.evaluate.known import known_already
from loresmith.records import Form, Grade, Question

RIGHT = {"base": range(0, 5), "lora": range(3, 20), "rag": range(0, 5)}
"""Which short questions each arm gets right, by their place; of the choices all arms get all."""


@pytest.fixture
def asked(questions: Callable[[str], list[Question]]) -> list[Question]:
    return questions("recall")


def log_of(asked: list[Question], right: dict[str, range]) -> tally.Log:
    def grade(question: Question, arm: str, form: Form, correct: bool) -> Grade:
        return Grade(
            question=question.id,
            fact=question.fact,
            document=question.document,
            arm=arm,
            exam="recall",
            form=form,
            given="",
            correct=correct,
            token_f1=0.0,
        )

    short = [question for question in asked if question.form == "short"]
    grades = [grade(one, arm, "short", place in right[arm]) for arm in right for place, one in enumerate(short)]
    grades += [grade(one, arm, "choice", True) for arm in right for one in asked if one.form == "choice"]
    return tally.Log(grades, {question.id: question for question in asked}, 1000, 17)


def test_a_fact_is_known_when_the_base_answers_its_short_question(asked: list[Question]) -> None:
    (found,) = known_already(log_of(asked, RIGHT))
    assert found.known == statistics.wilson(5, 27)
    assert found.facts == tuple(f"fact-{number:02d}" for number in range(5))  # though every choice was right


def test_the_gain_is_over_the_facts_that_were_not_known_and_the_loss_over_the_others(asked: list[Question]) -> None:
    (found,) = known_already(log_of(asked, RIGHT))
    arms = {way.arm: way for way in found.arms}
    assert arms.keys() == {"lora", "rag"}
    assert arms["lora"].learned == statistics.wilson(15, 22)  # 5 to 19
    assert arms["lora"].kept == statistics.wilson(2, 5)  # 3 and 4
    assert arms["rag"].learned == statistics.wilson(0, 22)
    assert arms["rag"].kept == statistics.wilson(5, 5)


@pytest.mark.parametrize(("known", "learned", "kept"), [(0, True, False), (27, False, True)])
def test_a_share_of_no_facts_is_unknown_and_not_zero(
    asked: list[Question], known: int, learned: bool, kept: bool
) -> None:
    (found,) = known_already(log_of(asked, {"base": range(known), "lora": range(9)}))
    assert (found.arms[0].learned is not None, found.arms[0].kept is not None) == (learned, kept)


def test_without_the_base_nothing_is_said(asked: list[Question]) -> None:
    assert known_already(log_of(asked, {"lora": range(9)})) == ()
