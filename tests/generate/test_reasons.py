from collections.abc import Callable

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.claims import fact_of
from loresmith.generate.questions import question_of
from loresmith.generate.reasons import reason_claims
from loresmith.records import Chunk

MakeChunk = Callable[..., Chunk]


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "The BitFit method is cheap because it trains the bias terms alone.",
            "Why is the BitFit method cheap?",
            "it trains the bias terms alone",
        ),
        (
            "LoRA adds nothing at run time, since its matrices are merged into the weights.",
            "Why does LoRA add nothing at run time?",
            "its matrices are merged into the weights",
        ),
        (
            "ReAct performs worst among four methods due to the difficulty of its examples.",
            "Why does ReAct perform worst among four methods?",
            "the difficulty of its examples",
        ),
        (
            "Due to the short context, GPT-2 reads half of the page.",
            "Why does GPT-2 read half of the page?",
            "the short context",
        ),
        (
            "To prevent overfitting, the Qwen2.5 team applies a weight decay of 0.1.",
            "Why does the Qwen2.5 team apply a weight decay of 0.1?",
            "to prevent overfitting",
        ),
        (
            "The Qwen2.5 team limits the length in order to save memory.",
            "Why does the Qwen2.5 team limit the length?",
            "to save memory",
        ),
        (
            "The Qwen2.5 team limits the length so that a page can fit.",
            "Why does the Qwen2.5 team limit the length?",
            "so that a page can fit",
        ),
    ],
)
def test_the_reason_is_asked_back(chunk_of: MakeChunk, text: str, question: str, answer: str) -> None:
    (claim,) = reason_claims(chunk_of(text))
    assert (claim.asked[0], claim.answer) == (question, answer)


@pytest.mark.parametrize(
    "text",
    [
        "The GPT-2 model has read books since 2019 began in earnest.",
        "LoRA was partly chosen because it trains fast.",
        "LoRA was not chosen because it trains fast.",
        "The GPT-2 report shows that LoRA works because few weights change.",
        "LoRA adds two layers and scales the rest because few weights change.",
        "Position bias is the tendency of judges to prefer an answer because of its place.",
        "GPT-2 tends to skip words because its context ends.",
        "LoRA trains fast because few weights change, which helps.",
        "To do so, the GPT-2 model reads books.",
        "To our knowledge, the GPT-2 model reads books.",
        "To Anna Smith, the GPT-2 model reads books.",
        "In order to study LoRA, GPT-2 reads it.",
        "The authors assemble a corpus mixed with books in order to train GPT-2.",
        "LoRA is merged at the end so that two adapters.",
    ],
)
def test_a_reason_that_may_belong_to_something_else_is_left_alone(chunk_of: MakeChunk, text: str) -> None:
    assert list(reason_claims(chunk_of(text))) == []


def test_what_only_follows_from_the_statement_is_no_part_of_the_question(chunk_of: MakeChunk) -> None:
    text = "To prevent overfitting, GPT-2 applies dropout in all layers, making it slower."
    (claim,) = reason_claims(chunk_of(text))
    assert claim.asked[0] == "Why does GPT-2 apply dropout in all layers?"


def test_a_subject_without_a_name_is_asked_in_its_section(chunk_of: MakeChunk) -> None:
    (claim,) = reason_claims(chunk_of("The encoder is slow because its layers are many."))
    assert claim.asked[0] == "According to the section “Training” of “BERT”, why is the encoder slow?"


def test_the_answers_of_exercises_are_no_facts(chunk_of: MakeChunk) -> None:
    text = "GPT-2 is slow because its layers are many."
    assert list(reason_claims(chunk_of(text, headings=("BERT", "Review Questions")))) == []


@pytest.mark.parametrize(
    "text",
    [
        "GPT-2 is slow, mainly because its many layers follow each other.",
        "To prevent overfitting, GPT-2 applies dropout in all layers.",
        "The encoder is slow due to its many layers.",
    ],
)
def test_fact_and_wordings_pass_the_checks(chunk_of: MakeChunk, text: str) -> None:
    chunk = chunk_of(text)
    (claim,) = reason_claims(chunk)
    fact = fact_of(claim, chunk)
    assert fact_fault(fact) is None
    assert len(claim.asked) >= 6
    assert [question_fault(question_of(fact, "short", 0, text, method="rules")) for text in claim.asked] == [
        None
    ] * len(claim.asked)
