"""Exercises of every kind: what is asked can be answered from what is given."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from loresmith.models.prompts import REFUSAL
from loresmith.records import Chunk
from training.starter import asking, corpus, invented, mixture, packing, passages, tables
from training.starter.tasks import Exchange


@pytest.fixture(scope="module")
def stuff(tiny_corpus: Path) -> mixture.Material:
    return mixture.material(corpus.read(tiny_corpus), np.random.default_rng(1), held_out=False)


@pytest.fixture(scope="module")
def exchanges(stuff: mixture.Material) -> list[Exchange]:
    rng = np.random.default_rng(2)
    return [exchange for kind in mixture.EXERCISES for exchange in mixture.draw(stuff, kind, 150, rng)]


def test_every_sort_of_exercise_is_drawn(exchanges: list[Exchange]) -> None:
    assert {exchange.kind for exchange in exchanges} == {"closed", "grounded", "choice", "untold"}


def test_a_grounded_answer_stands_in_the_sources(exchanges: list[Exchange]) -> None:
    grounded = [exchange for exchange in exchanges if exchange.kind == "grounded"]
    told = [
        (e.user.rsplit("\n\nQuestion: ", 1)[0], answer) for e in grounded for _, answer in [("", e.answer), *e.more]
    ]
    assert [pair for pair in told if pair[1] not in pair[0] and pair[1] != REFUSAL] == []
    refused = sum(answer == REFUSAL for _, answer in told)
    assert 0.02 < refused / len(told) < 0.2


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


def test_what_a_page_is_asked_stands_in_it(stuff: mixture.Material) -> None:
    asked = [(page, one) for page in stuff.pages for one in page.asked]
    assert {one.sort for _, one in asked} >= {"number", "name", "word", "object"}
    assert [one for page, one in asked if one.answer not in page.text] == []


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("Marie Curie moved to Paris in 1891.", "When did Marie Curie move to Paris?", "1891"),
        ("Marie Curie moved to Paris in 1891.", "Where did Marie Curie move?", "Paris"),
        ("The pump holds four valves in each tank.", "How many valves does the pump hold in each tank?", "four"),
        ("The pump moves heavy water to the high tank.", "What does the pump move to the high tank?", "heavy water"),
        ("The harbour was closed because the ice was thick.", "Why was the harbour closed?", "the ice was thick"),
    ],
)
def test_grammar_lets_one_ask_who_what_when_where_why(sentence: str, question: str, answer: str) -> None:
    found = {(one.wordings[0], one.answer) for one in asking.questions(sentence, "“Notes”")}
    assert (question, answer) in found


def test_a_gap_hides_its_answer_everywhere_in_the_sentence() -> None:
    sentence = "In 1891 the copper bridge of Norway held 40 tonnes."
    for seed in range(20):
        for one in asking.gaps(sentence, "“Bridges”", np.random.default_rng(seed)):
            assert all(asking.GAP in wording and one.answer not in wording for wording in one.wordings)


def test_tables_are_asked_by_the_products_own_rules() -> None:
    rng = np.random.default_rng(4)
    pages = [tables.page(rng, 4) for _ in range(30)]
    assert all(page.asked for page in pages)
    assert all(f"| {one.answer} |" in page.text for page in pages for one in page.asked)
    assert {one.sort for page in pages for one in page.asked} == {"cell", "comparison"}


def test_a_passage_that_says_nothing_gives_no_question() -> None:
    text = "Hm. Well, yes! And so on, and so forth..."
    chunk = Chunk(id="c", document="d", source="s", title="Talk", headings=(), page=None, start=0, end=len(text),
                  kind="prose", text=text)  # fmt: skip
    assert list(passages.questions(chunk, np.random.default_rng(0))) == []


def test_the_stream_is_the_same_for_the_same_seed_and_no_exercise_is_cut(
    stuff: mixture.Material, repository: Path
) -> None:
    # A tokenizer of 400 entries would make most exercises longer than a row.
    tokenizer = Tokenizer.from_file(str(repository / "loresmith" / "models" / "starter" / "tokenizer.json"))
    phases = (mixture.Phase(20, 256, mixture.EARLY), mixture.Phase(20, 512, mixture.LATE))
    streams = [mixture.build(stuff, tokenizer, phases, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert len(streams[0]) == 20 * 256 + 20 * 512 + 1
    assert streams[0].tobytes() == streams[1].tobytes() != streams[2].tobytes()
    ends = [row[-1] & (packing.PROMPT | packing.ANSWER) for row in streams[0][:5120].reshape(20, 256)]
    nexts = [row[0] & (packing.PROMPT | packing.ANSWER) for row in streams[0][:5120].reshape(20, 256)][1:]
    assert not any(end and begin for end, begin in zip(ends, nexts, strict=False))
