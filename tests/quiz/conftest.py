"""A bank of its own: three documents, facts with several wordings."""

import pytest

from loresmith.quiz.bank import Bank
from loresmith.records import Question


def question_of(source: str, fact: int, wording: int = 0) -> Question:
    return Question(
        id=f"{source}-{fact}-{wording}",
        fact=f"{source}-{fact}",
        document=f"id-{source}",
        source=source,
        page=fact,
        chunk=f"chunk-{source}-{fact}",
        quote=f"Thing {fact} of {source} is {fact * 10}.",
        kind="number",
        form="choice",
        wording=wording,
        question=f"Wording {wording}: what is thing {fact} of {source}?",
        answer=str(fact * 10),
        options=(str(fact * 10), "901", "902", "903"),
    )


@pytest.fixture
def questions() -> list[Question]:
    sizes = {"a.md": 8, "b.pdf": 4, "c.docx": 1}
    return [
        question_of(source, fact, wording)
        for source, facts in sizes.items()
        for fact in range(1, facts + 1)
        for wording in range(3)
    ]


@pytest.fixture
def bank(questions: list[Question]) -> Bank:
    return Bank(questions, {one.chunk: f"Before. {one.quote} After." for one in questions})
