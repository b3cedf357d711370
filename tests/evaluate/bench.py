"""What the tests of the judge share: a judge in a thread that reads its material, and answers for it to judge."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from loresmith.evaluate.judge import KEY
from loresmith.models.squad import normalised
from loresmith.records import Form, Grade, Question
from tests.evaluate.conftest import exam_questions
from tests.stand_in import completion, prompt_of

Judge = Callable[[dict[str, str]], str]
"""From the material to a verdict."""


def material_of(request: dict[str, Any]) -> dict[str, str]:
    """The JSON between the marks of a request."""
    first, *middle, last = prompt_of(request).splitlines()
    assert last == first.replace("[material", "[end of material")
    found: dict[str, str] = json.loads("\n".join(middle))
    return found


def is_judging(request: dict[str, Any]) -> bool:
    return KEY in request["messages"][0]["content"]


def honest(material: dict[str, str]) -> str:
    """Right where it says the reference's words, partly where it says one of them."""
    given, reference = normalised(material["answer"]).split(), normalised(material["reference"]).split()
    if given == reference:
        return "right"
    return "partly" if set(given) & set(reference) else "wrong"


def ruling(verdict: str, reason: str = "Because of the reference.") -> str:
    return json.dumps({KEY: [{"verdict": verdict, "reason": reason}]})


def judging(judge: Judge = honest) -> Callable[[dict[str, Any]], str]:
    """The honest answers of a server whose model judges like `judge`."""
    return lambda request: completion(ruling(judge(material_of(request))))


def long_questions(exam: str) -> list[Question]:
    """27 that ask for a sentence, about 9 documents."""
    made = [question for question in exam_questions(exam) if question.form == "short"]
    update = [{"form": "long", "id": f"{one.id}-long", "answer": one.quote} for one in made]
    return [one.model_copy(update=changes) for one, changes in zip(made, update, strict=True)]


def graded(question: Question, arm: str, given: str) -> Grade:
    """`given` with its exact grade; a long answer has none."""
    is_right = normalised(given) == normalised(question.answer)
    form: Form = question.form
    return Grade(
        question=question.id,
        fact=question.fact,
        document=question.document,
        arm=arm,
        exam="recall",
        form=form,
        given=given,
        correct=None if form == "long" else is_right,
        token_f1=float(is_right),
    )


def sat(questions: Sequence[Question], arm: str) -> list[Grade]:
    """Every question answered: two of three in the words of the reference, the rest wrong."""
    said = [one.answer if place % 3 else f"It is {len(arm)} times green." for place, one in enumerate(questions)]
    return [graded(question, arm, given) for question, given in zip(questions, said, strict=True)]
