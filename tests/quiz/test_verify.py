"""Each check on a written question drops what it is for, and nothing else."""

from typing import Any

import pytest

from loresmith.quiz import verify
from loresmith.quiz.support import Lines
from loresmith.records import Chunk, Question

SENTENCE = "The relief valve opens at 4 bar in the pump room."
TEXT = f"## Valves\n\n{SENTENCE} The check valve opens at 6 bar. A gasket is a ring that seals a joint."
CHUNK = Chunk(
    id="c", document="d", source="valves.md", title="The pump room", headings=("Valves",), page=1, start=0, end=99,
    kind="prose", text=TEXT,
)  # fmt: skip
GOOD: dict[str, Any] = {
    "id": "q", "fact": "f", "document": "d", "source": "valves.md", "page": 1, "chunk": "c", "quote": SENTENCE,
    "kind": "number", "form": "choice", "wording": 0, "question": "At what pressure does the relief valve open?",
    "answer": "4 bar", "options": ("4 bar", "8 bar", "9 bar", "12 bar"),
}  # fmt: skip


def fault(**changes: Any) -> str | None:
    question = Question.model_validate({**GOOD, **changes})
    return verify.fault(question, CHUNK, Lines([TEXT]))


def test_a_sound_question_passes() -> None:
    assert fault() is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quote": "The relief valve opens at 4 bar."}, verify.NOT_VERBATIM),
        ({"quote": " "}, verify.NOT_VERBATIM),
        ({"options": ("4 bar", "8 bar", "9 bar")}, verify.NOT_FOUR),
        ({"options": ("4 bar", "4 bar", "9 bar", "12 bar")}, verify.NOT_FOUR),
        ({"options": ("7 bar", "8 bar", "9 bar", "12 bar")}, verify.NOT_FOUR),
        ({"options": ("4 bar", "8 bar", "8.0 bar", "12 bar")}, "two options say the same"),
        (
            {"answer": "5 bar", "options": ("5 bar", "8 bar", "9 bar", "12 bar")},
            "number of the answer is not in the quote",
        ),
        ({"question": "Does the relief valve open at 4 bar?"}, "answer is in the question"),
        ({"question": "At what pressure does it open?"}, "question does not stand alone"),
        ({"question": "At what pressure does the boiler burst on Sundays?"}, verify.NOT_BORNE),
        ({"options": ("4 bar", "6 bar", "9 bar", "12 bar"), "question": "When does a valve open?"}, verify.ALSO_RIGHT),
    ],
)
def test_a_faulty_question_falls_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert fault(**changes) == reason


def test_a_question_that_was_asked_before_falls() -> None:
    question = Question.model_validate(GOOD)
    twin = question.model_copy(update={"id": "other", "fact": "other", "question": "The relief valve opens at what?"})
    alike = twin.model_copy(update={"quote": "Other.", "question": "At what pressure does the relief valve open up?"})
    far = alike.model_copy(update={"question": "Which figure stands on the plate of the boiler?"})
    assert verify.fault(question, CHUNK, Lines([TEXT]), [twin]) == verify.ASKED_BEFORE
    assert verify.fault(question, CHUNK, Lines([TEXT]), [alike]) == verify.ASKED_BEFORE
    assert verify.fault(question, CHUNK, Lines([TEXT]), [far]) is None
