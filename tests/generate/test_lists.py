from collections.abc import Callable

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.claims import fact_of
from loresmith.generate.lists import list_claims, members_of
from loresmith.generate.questions import question_of
from loresmith.generate.survey import Survey
from loresmith.records import Chunk

MakeChunk = Callable[..., Chunk]
ITEMS = "The box of the kit holds these parts:\n\n- a red wire\n- a battery\n- two lamps\n\nIt is heavy."
KIT = ITEMS.replace("these", "the following")


def found(chunk: Chunk) -> dict[str, str]:
    return {claim.asked[0]: claim.answer for claim in list_claims(chunk, Survey([chunk]))}


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "The WebGPT system consists of a browser, a reader and a writer.",
            "What does the WebGPT system consist of?",
            "a browser, a reader and a writer",
        ),
        (
            "The WebGPT system is composed of two parts: a browser and a writer.",
            "What is the WebGPT system composed of?",
            "a browser and a writer",
        ),
        (
            "WebGPT has three parts: a browser, a reader and a writer.",
            "Which three parts does WebGPT have?",
            "a browser, a reader and a writer",
        ),
        (
            "WebGPT includes two benchmarks for its exam: GLUE and SQuAD.",
            "Which two benchmarks does WebGPT include for its exam?",
            "GLUE and SQuAD",
        ),
        (
            "WebGPT was tested on two benchmarks: GLUE and SQuAD.",
            "On which two benchmarks was WebGPT tested?",
            "GLUE and SQuAD",
        ),
        (
            "WebGPT was tested on benchmarks, such as GLUE and SQuAD, which are old.",
            "Which examples does “BERT” name here? WebGPT was tested on benchmarks, such as ____, which are old.",
            "GLUE and SQuAD",
        ),
    ],
)
def test_the_members_are_asked_for(chunk_of: MakeChunk, text: str, question: str, answer: str) -> None:
    assert found(chunk_of(text)) == {question: answer}


@pytest.mark.parametrize(
    "text",
    [
        "WebGPT has three parts: a browser and a writer.",
        "The glands of WebGPT are set on a plate and consist of a shell and a core.",
        "It consists of a browser and a writer.",
        "WebGPT consists of a browser and a writer that are trained.",
        "WebGPT was tested on benchmarks such as GLUE and SQuAD in May.",
        "WebGPT beats models such as BERT and Falcon outperforms them.",
        "On tests such as GLUE and SQuAD, WebGPT gets 80 on GLUE.",
        "WebGPT does jobs such as reading books, writing letters and mail, and calling people.",
        "WebGPT consists of parts such as a browser and more.",
    ],
)
def test_what_may_be_no_whole_list_is_left_alone(chunk_of: MakeChunk, text: str) -> None:
    assert found(chunk_of(text)) == {}


def test_a_markdown_list_is_asked_for_by_the_line_above_it(chunk_of: MakeChunk) -> None:
    assert found(chunk_of(KIT)) == {
        "Which three things does the section “Training” of “BERT” list under “The box of the kit holds the following"
        " parts”?": "a red wire, a battery and two lamps"
    }


@pytest.mark.parametrize(
    "text",
    [
        ITEMS,
        KIT.replace("- two lamps", "- two lamps\n  - a small one"),
        KIT.replace("a battery", "a battery, charged"),
        KIT.replace("a battery", "Voltage: nine volts"),
        f"```\n{KIT}\n```",
        KIT.replace("- two lamps", "- two lamps that are bright in the night"),
    ],
    ids=["leaning", "nested", "comma", "label", "code", "long item"],
)
def test_other_markdown_lists_are_left_alone(chunk_of: MakeChunk, text: str) -> None:
    assert found(chunk_of(text)) == {}


def test_a_markdown_list_that_the_next_chunk_goes_on_with_is_left_alone(chunk_of: MakeChunk) -> None:
    first = chunk_of(KIT.removesuffix("\n\nIt is heavy."), id="1")
    following = chunk_of("- a switch\n- a box", id="2")
    assert list(list_claims(first, Survey([first, following]))) == []
    assert len(list(list_claims(first, Survey([first, chunk_of("The kit is heavy.", id="2")])))) == 1


@pytest.mark.parametrize(
    "text",
    [KIT, "WebGPT has two parts: a browser and a writer.", "WebGPT was tested on sets such as GLUE and SQuAD."],
    ids=["items", "announced", "examples"],
)
def test_fact_and_wordings_pass_the_checks(chunk_of: MakeChunk, text: str) -> None:
    chunk = chunk_of(text)
    (claim,) = list_claims(chunk, Survey([chunk]))
    fact = fact_of(claim, chunk)
    assert claim.quote in chunk.text
    assert fact_fault(fact) is None
    assert len(claim.asked) >= 5
    faults = [question_fault(question_of(fact, "short", 0, text, method="rules")) for text in claim.asked]
    assert faults == [None] * len(claim.asked)


def test_a_list_with_a_member_that_the_quote_lacks_is_dropped(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(KIT)
    (claim,) = list_claims(chunk, Survey([chunk]))
    wrong = fact_of(claim, chunk).model_copy(update={"answer": "a red wire, a fuse and two lamps"})
    assert fact_fault(wrong) == "answer is not in the quote"


def test_members_are_parted_at_commas_and_the_last_and() -> None:
    assert members_of("a red wire, a battery, and two lamps") == ["a red wire", "a battery", "two lamps"]
