from typing import Any

import pytest

from loresmith.decisions import Decision
from loresmith.generate.revision import revised, revision_fault
from loresmith.records import Question

QUOTE = "The vice of the bench holds 40 kg, and no more than 45 kg for an hour."
CHOICE = {"form": "choice", "options": ("30 kg", "40 kg", "50 kg")}
TRUTH = {"kind": "truth", "form": "choice", "options": ("True", "False"), "answer": "True"}


def question(**fields: Any) -> Question:
    known: dict[str, Any] = {
        **{"id": "q", "fact": "f", "document": "d", "source": "a.md", "page": 1, "chunk": "c", "kind": "number"},
        **{"quote": QUOTE, "form": "short", "wording": 0},
        **{"question": "How many kg does the vice hold?", "answer": "40 kg"},
    }
    return Question(**(known | fields))


def edited(row: Question, **words: str) -> Question:
    return revised(row, Decision.model_validate({"key": "k", "verdict": "edit", **words}))


def test_an_edit_changes_the_words_that_it_names_and_nothing_else() -> None:
    row = edited(question(), question="  How much does\nthe vice hold? ")
    assert row == question(question="How much does the vice hold?")
    assert edited(question(), answer="45 kg") == question(answer="45 kg")


def test_a_new_answer_takes_the_place_of_the_old_option() -> None:
    assert edited(question(**CHOICE), answer="45 kg").options == ("30 kg", "45 kg", "50 kg")
    assert edited(question(**CHOICE), answer="50 kg").options == ("30 kg", "40 kg", "50 kg")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"answer": "45 kg"}, None),
        ({"question": "What does the vice hold?"}, None),
        ({"answer": "41 kg"}, "number of the answer is not in the quote"),
        ({"answer": "the lathe"}, "answer is not in the quote"),
        ({"answer": "40 lb"}, "unit of the answer is not in the quote"),
        ({"answer": " "}, "answer is empty"),
        ({"question": ""}, "question is empty or too long"),
        ({"question": "What does it hold?"}, "question does not stand alone"),
        ({"question": "Does the vice hold 40 kg?"}, "answer is in the question"),
    ],
)
def test_an_edit_passes_the_checks_or_is_told_which_one_it_fails(words: dict[str, str], reason: str | None) -> None:
    assert revision_fault(edited(question(), **words)) == reason


def test_an_answer_that_another_option_says_already_is_refused() -> None:
    row = question(form="choice", options=("45.0 kg", "40 kg"))
    assert revision_fault(edited(row, answer="45 kg")) == "two options say the same"


@pytest.mark.parametrize(
    ("answer", "reason"), [("False", None), ("40 kg", "answer is not among the options"), ("Perhaps", "answer is not")]
)
def test_a_statement_is_true_or_false_and_nothing_else(answer: str, reason: str | None) -> None:
    row = edited(question(question="True or false? The vice holds 40 kg.", **TRUTH), answer=answer)
    assert row.options == ("True", "False")
    fault = revision_fault(row)
    assert fault is None if reason is None else (fault or "").startswith(reason)
