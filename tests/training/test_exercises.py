"""Exercises of every kind: what is asked can be answered from what is given."""

from pathlib import Path

import numpy as np
import pytest

from loresmith.models.prompts import REFUSAL
from training.starter import corpus, invented, mixture, reading, vocabulary
from training.starter.tasks import Exchange

KINDS = ("pairs", "table", "invented", "taught", "corpus")


@pytest.fixture(scope="module")
def stuff(tiny_corpus: Path) -> mixture.Material:
    readings = corpus.read(tiny_corpus)
    tokenizer = vocabulary.learn(readings[0].training_texts(), 400)
    return mixture.material(readings, tokenizer, np.random.default_rng(1), held_out=False)


@pytest.fixture(scope="module")
def exchanges(stuff: mixture.Material) -> list[Exchange]:
    rng = np.random.default_rng(2)
    return [exchange for kind in KINDS for exchange in mixture.draw(stuff, kind, 150, rng)]


def test_every_sort_of_exercise_is_drawn(exchanges: list[Exchange]) -> None:
    assert {exchange.kind for exchange in exchanges} == {"closed", "grounded", "choice", "untold"}


def test_a_grounded_answer_stands_in_the_sources(exchanges: list[Exchange]) -> None:
    grounded = [exchange for exchange in exchanges if exchange.kind == "grounded"]
    told = [
        (e.user.rsplit("\n\nQuestion: ", 1)[0], answer) for e in grounded for _, answer in [("", e.answer), *e.more]
    ]
    assert [pair for pair in told if pair[1] not in pair[0]] == []


def test_a_refusal_is_the_products_own_sentence(exchanges: list[Exchange]) -> None:
    assert {exchange.answer for exchange in exchanges if exchange.kind == "untold"} == {REFUSAL}


def test_a_choice_is_one_letter_of_an_option_given(exchanges: list[Exchange]) -> None:
    chosen = [exchange for exchange in exchanges if exchange.kind == "choice"]
    assert all(f"\n{exchange.answer}. " in exchange.user for exchange in chosen)
    assert {exchange.answer for exchange in chosen} == {"A", "B", "C", "D"}


def test_the_right_option_is_the_fact() -> None:
    rng = np.random.default_rng(3)
    fact = invented.facts(rng, 1)[0]
    for _ in range(20):
        exchange = invented.multiple_choice(rng, fact)
        assert f"\n{exchange.answer}. {fact.value}\n" in exchange.user


def test_a_fact_is_asked_in_at_least_six_wordings() -> None:
    for attribute in invented.ATTRIBUTES:
        assert len(set(attribute.questions)) == len(attribute.questions) >= 6
        assert all("{v}" in statement for statement in attribute.statements)
        assert not [question for question in attribute.questions if "{v}" in question]


def test_spans_are_cut_from_their_sentence_and_passage(stuff: mixture.Material) -> None:
    assert {span.sort for span in stuff.spans} >= {"number", "definition"}
    assert [span for span in stuff.spans if span.answer not in span.sentence or span.sentence not in span.passage] == []


def test_a_definition_is_asked_by_its_term() -> None:
    spans = reading.spans(
        "A pump is a machine that moves water from a low tank to a high one.", np.random.default_rng(0)
    )
    assert spans[0].answer == "a machine that moves water from a low tank to a high one"
    assert "a pump" in spans[0].asked(np.random.default_rng(0))


def test_the_stream_is_the_same_for_the_same_seed_and_has_the_wanted_length(tiny_corpus: Path) -> None:
    readings = corpus.read(tiny_corpus)
    tokenizer = vocabulary.learn(readings[0].training_texts(), 400)
    streams = []
    for seed in (5, 5, 6):
        rng = np.random.default_rng(seed)
        stuff = mixture.material(readings, tokenizer, rng, held_out=False)
        streams.append(mixture.build(stuff, tokenizer, 5_000, rng))
    assert len(streams[0]) == 5_000
    assert streams[0].tobytes() == streams[1].tobytes() != streams[2].tobytes()
