from typing import Any

import pytest

from loresmith.generate.checks import fact_fault, is_junk, question_fault
from loresmith.records import Fact, Question


def fact(**fields: Any) -> Fact:
    known: dict[str, Any] = {
        "id": "f" * 16,
        "chunk": "c",
        "document": "d",
        "source": "a.md",
        "page": 1,
        "start": 0,
        "end": 40,
        "quote": "The LoRA adapter takes 35 MB, or 1,319 parts.",
        "kind": "number",
        "subject": "LoRA",
        "answer": "35 MB",
    }
    return Fact(**(known | fields))


def question(text: str, **fields: Any) -> Question:
    known: dict[str, Any] = {
        **{
            "id": "q",
            "fact": "f",
            "document": "d",
            "source": "a.md",
            "page": 1,
            "chunk": "c",
            "quote": "The adapter takes 35 MB.",
        },
        **{"kind": "number", "form": "short", "wording": 0, "question": text, "answer": "35 MB"},
    }
    return Question(**(known | fields))


def test_a_sound_fact_passes() -> None:
    assert fact_fault(fact()) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"answer": "36 MB"}, "number of the answer is not in the quote"),
        ({"answer": "35 GB"}, "unit of the answer is not in the quote"),
        ({"answer": "QLoRA"}, "answer is not in the quote"),
        ({"answer": "LoR"}, "answer is not in the quote"),
        ({"answer": "—"}, "answer is empty"),
        ({"answer": "one two three four five six seven eight nine ten eleven twelve thirteen"}, "answer is too long"),
        ({"answer": "x" * 91}, "answer is too long"),
        ({"quote": "See https://example.org for 35 MB."}, "junk: formula, address, reference or contents line"),
    ],
)
def test_a_faulty_fact_is_dropped_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    assert fact_fault(fact(**fields)) == reason


@pytest.mark.parametrize("answer", ["1319", "35 mb", "the LoRA adapter", "1,319 parts"])
def test_an_answer_in_other_writing_is_found_in_the_quote(answer: str) -> None:
    assert fact_fault(fact(answer=answer)) is None


def test_a_sound_question_passes() -> None:
    assert question_fault(question("How many MB does the LoRA adapter for GPT-3 take?")) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "question is empty or too long"),
        ("word " * 100, "question is empty or too long"),
        ("How many MB does it take?", "question does not stand alone"),
        ("How many MB does this adapter take?", "question does not stand alone"),
        ("How many MB does our adapter take?", "question does not stand alone"),
        ("How many MB does the proposed method take?", "question does not stand alone"),
        ("How many MB does Figure 3 show?", "question does not stand alone"),
        ("Complete the sentence: It takes ____.", "question does not stand alone"),
        ("How many MB does the 35 MB adapter take?", "answer is in the question"),
        ("Write to a@b.org: how many MB?", "junk: formula, address, reference or contents line"),
    ],
)
def test_a_faulty_question_is_dropped_with_its_reason(text: str, reason: str) -> None:
    assert question_fault(question(text)) == reason


def test_a_table_may_be_named_together_with_its_document() -> None:
    assert question_fault(question("What is the size in Table 4 of “LoRA and this”?")) is None
    assert question_fault(question("What is the size in Table 4?")) == "question does not stand alone"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("35 MB",), "too few wrong options"),
        (("36 MB", "37 MB"), "answer is not among the options"),
        (("35 MB", "2 GB", "2.0 GB"), "two options say the same"),
        (("35 MB", "35 mb"), "two options say the same"),
        (("35 MB", "36 MB"), None),
    ],
)
def test_options_are_checked(options: tuple[str, ...], reason: str | None) -> None:
    assert question_fault(question("How large is LoRA?", form="choice", options=options)) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Smith, J. A study of valves. 1999.",
        "2.1 Valves ........ 7",
        "p = 0.5 \\alpha",
        "Noam Shazeer, Niki Parmar, Jakob Uszkoreit, Llion Jones, Aidan Gomez",
        "arXiv preprint arXiv:1607.06450",
    ],
)
def test_references_contents_formulas_and_author_lists_are_junk(text: str) -> None:
    assert is_junk(text)


def test_a_question_that_names_all_its_options_gives_none_away() -> None:
    judged = {"form": "choice", "options": ("True", "False"), "answer": "True"}
    assert question_fault(question("True or false? LoRA takes 35 MB.", **judged)) is None
    assert question_fault(question("True? LoRA takes 35 MB.", **judged)) == "answer is in the question"
