import pytest

from loresmith.generate.collisions import collisions
from loresmith.records import Form, Question


def question(identity: str, fact: str, text: str, answer: str, form: Form = "short") -> Question:
    return Question(
        id=identity, fact=fact, document="d", source="a.md", page=None, chunk="c", quote="q", kind="number", form=form,
        wording=0, question=text, answer=answer,
    )  # fmt: skip


def test_the_same_question_with_other_answers_is_dropped_altogether() -> None:
    rows = [question("1", "a", "What is X?", "7"), question("2", "b", "what is the X", "8")]
    assert collisions(rows) == dict.fromkeys(["1", "2"], "ambiguous: the same question has other answers")


def test_of_equal_questions_with_one_answer_the_first_stays() -> None:
    rows = [question("1", "a", "What is X?", "7"), question("2", "b", "What is X?", "7.0")]
    assert collisions(rows) == {"2": "duplicate question"}


def test_forms_do_not_collide() -> None:
    assert collisions([question("1", "a", "What is X?", "7"), question("2", "a", "What is X?", "7", "choice")]) == {}


def test_a_nearly_equal_question_about_another_fact_goes() -> None:
    text = "How many problems does the test set of the grade school mathematics benchmark hold for all of its models?"
    rows = [question("1", "a", text, "7"), question("2", "b", text.replace("models", "model"), "7")]
    assert collisions(rows) == {"2": "near-duplicate question"}


def test_nearly_equal_questions_with_other_answers_stay() -> None:
    text = "How many problems does the test set of the grade school mathematics benchmark hold for all of its models?"
    assert collisions([question("1", "a", text, "7"), question("2", "b", text.replace("models", "model"), "8")]) == {}


def test_wordings_of_one_fact_may_be_close() -> None:
    text = "How many problems does the test set of the grade school mathematics benchmark hold for all of its models?"
    assert collisions([question("1", "a", text, "7"), question("2", "a", text.replace("models", "model"), "7")]) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("MMLU", "CMMLU"), ("HumanEval", "HumanEval+"), ("Self-Attention", "Self-Attention (restricted)")],
)
def test_questions_about_two_names_stay_although_their_answers_are_equal(one: str, other: str) -> None:
    text = "A reader of Table 3 of “DeepSeekMoE” looks for the value of {} in the fourth column. What is the answer?"
    rows = [question("1", "a", text.format(one), "45.0"), question("2", "b", text.format(other), "45.0")]
    assert collisions(rows) == {}


def test_a_plain_word_in_another_form_beside_the_same_names_makes_no_other_question() -> None:
    text = "A {} of Table 3 of “DeepSeekMoE” looks for the accuracy on MMLU of GPT-4 in this row. What is the answer?"
    rows = [question("1", "a", text.format("reader"), "86.4"), question("2", "b", text.format("readers"), "86.4")]
    assert collisions(rows) == {"2": "near-duplicate question"}
