"""What an answer rests on, with sources whose words are known."""

from collections.abc import Callable

import pytest

from loresmith.evaluate.support import measure
from loresmith.records import Evidence, Grade, Passage, Question

Questions = Callable[[str], list[Question]]


def passage(machine: str, text: str) -> Passage:
    return Passage(
        chunk=f"chunk-{machine}",
        document=machine.ljust(16, "0"),
        source=f"{machine}.md",
        title=machine,
        page=None,
        text=text,
        score=1.0,
    )


RIGHT = passage("corvid", "The relief valve of the Corvid is rated 2 bar. Its feed pump is rated 1,319 rpm.")
OTHER = passage("lindow", "The relief valve of the Lindow is rated 3 bar.")


@pytest.fixture
def valve(questions: Questions) -> Question:
    """On the relief valve of the Corvid; answer `2 bar`."""
    return questions("recall")[0]


def grade(question: Question, given: str, unparsed: str | None = None) -> Grade:
    return Grade(
        question=question.id,
        fact=question.fact,
        document=question.document,
        arm="rag",
        exam="recall",
        form="short",
        given=given,
        correct=False,
        token_f1=0.0,
        unparsed=unparsed,
    )


@pytest.mark.parametrize(
    ("given", "statements", "supported", "cited", "cited_rightly", "found"),
    [
        ("The relief valve of the Corvid is rated 2 bar [1].", 1, 1, 1, 1, 1),
        ("The relief valve of the Corvid is rated 9 bar.", 1, 0, 0, 0, 0),
        ("The relief valve of the Corvid is rated 2 bar. It was painted green in Lisbon.", 2, 1, 1, 1, 1),
        ("The relief valve of the Lindow is rated 3 bar [2].", 1, 1, 1, 0, 0),
    ],
)
def test_statements_and_citations_are_counted(
    valve: Question, given: str, statements: int, supported: int, cited: int, cited_rightly: int, found: int
) -> None:
    made = measure(valve, grade(valve, given), [RIGHT, OTHER])
    assert (made.statements, made.supported) == (statements, supported)
    assert (made.cited, made.cited_rightly, made.needed, made.found) == (cited, cited_rightly, 1, found)
    assert made.unscored is None


def test_another_chunk_that_holds_the_quote_is_as_right(valve: Question) -> None:
    twin = RIGHT.model_copy(update={"chunk": "chunk-with-overlap"})
    made = measure(valve, grade(valve, "The relief valve of the Corvid is rated 2 bar."), [twin])
    assert (made.cited_rightly, made.found) == (1, 1)


def test_the_chunk_of_the_question_is_right_whatever_its_words(valve: Question) -> None:
    said = "The relief valve of the Corvid has a rating of 2 bar."
    made = measure(valve, grade(valve, said), [RIGHT.model_copy(update={"text": said})])
    assert (made.cited_rightly, made.found) == (1, 1)


def test_every_quote_that_the_question_rests_on_is_needed(valve: Question) -> None:
    more = Evidence(chunk="chunk-lindow", document="d", source="s", page=None, start=0, end=1, quote=OTHER.text)
    made = measure(valve.model_copy(update={"also": (more,)}), grade(valve, "It is rated 2 bar [1]."), [RIGHT, OTHER])
    assert (made.needed, made.found) == (2, 1)


@pytest.mark.parametrize(
    ("given", "unparsed", "shown", "reason"),
    [
        ("The sources do not say.", "declined to answer", [RIGHT], "declined to answer"),
        ("", "prompt longer than the model's window", [RIGHT], "prompt longer than the model's window"),
        ("2 bar", None, [], "no sources before the question"),
    ],
)
def test_what_cannot_be_measured_is_unscored_with_its_reason(
    valve: Question, given: str, unparsed: str | None, shown: list[Passage], reason: str
) -> None:
    made = measure(valve, grade(valve, given, unparsed), shown)
    assert (made.unscored, made.statements, made.needed) == (reason, 0, 0)
