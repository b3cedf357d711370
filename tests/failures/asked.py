"""Answers of one arm as they are needed: so many questions, and which of them are wrong."""

from collections.abc import Sequence
from typing import Any

from loresmith.failures.cases import Case, Logs
from loresmith.records import Grade, Question


def question(number: int, **fields: Any) -> Question:
    known: dict[str, Any] = {
        **{"id": f"q{number}", "fact": f"f{number}", "document": "d", "source": "d.md", "page": None, "chunk": "c"},
        **{"quote": "Q", "kind": "number", "form": "short", "wording": 0, "answer": "4 bar"},
        "question": f"What is the pressure of valve {number}?",
    }
    return Question(**(known | fields))


def grade(asked: Question, *, correct: bool = False, arm: str = "lora", exam: str = "recall", **fields: Any) -> Grade:
    known = {
        **{"question": asked.id, "fact": asked.fact, "document": asked.document, "form": asked.form},
        **{"arm": arm, "exam": exam, "correct": correct, "given": "5 bar", "token_f1": float(correct)},
    }
    return Grade.model_validate(known | fields)


def case(number: int, *, wrong: bool, section: str = "", exam: str = "recall", **fields: Any) -> Case:
    asked = question(number, **fields)
    return Case(asked, grade(asked, correct=not wrong, exam=exam), section, "answered wrong" if wrong else None)


def logs(questions: Sequence[Question], grades: Sequence[Grade], **beside: Any) -> Logs:
    known: dict[str, Any] = {"sections": {}, "looked": {}, "held": {}}
    return Logs(tuple(grades), {one.id: one for one in questions}, **(known | beside))
