import time
from collections.abc import Callable
from typing import Any

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.rules import RuleTeacher
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question

TEXT = (
    "LoRA, short for Low-Rank Adaptation, is a method that trains two thin matrices. "
    "The GSM8K test set holds 1,319 problems. BitFit was introduced by Elad Ben Zaken in June 2021."
)


def taught(chunk: Chunk, **settings: Any) -> dict[Fact, list[Question]]:
    teacher = RuleTeacher(GenerateConfig(**settings))
    facts = list(teacher.facts(chunk))
    return {fact: list(teacher.questions(fact, chunk, facts)) for fact in facts}


@pytest.mark.parametrize("wordings", [2, 4])
def test_each_fact_has_the_wordings_asked_for_and_one_choice(chunk_of: Callable[..., Chunk], wordings: int) -> None:
    for questions in taught(chunk_of(TEXT), wordings=wordings, true_false=0.0).values():
        assert [question.form for question in questions] == ["short"] * wordings + ["choice"]
        assert [question.wording for question in questions] == [*range(wordings), 0]
        assert len({question.question for question in questions}) == wordings + 1


def test_every_question_of_the_rules_passes_the_checks(chunk_of: Callable[..., Chunk]) -> None:
    for questions in taught(chunk_of(TEXT), wordings=6).values():
        assert [(q.question, question_fault(q)) for q in questions if q.form == "short" and question_fault(q)] == []


def test_quotes_are_verbatim_and_answers_are_in_them(chunk_of: Callable[..., Chunk]) -> None:
    facts = list(taught(chunk_of(TEXT)))
    assert {fact.kind for fact in facts} == {"expansion", "term", "definition", "number", "date", "agent"}
    assert all(fact.quote in TEXT and fact.answer in fact.quote for fact in facts)


def test_a_sentence_that_is_understood_is_not_blanked_as_well(chunk_of: Callable[..., Chunk]) -> None:
    text = "WebGPT uses 3 browsers. WebGPT uses a browser to answer questions."
    kinds = {fact.quote: fact.kind for fact in taught(chunk_of(text))}
    assert "cloze" in kinds.values()
    assert "cloze" not in {fact.kind for fact in taught(chunk_of(TEXT))}


def test_identities_do_not_depend_on_the_chunk_around(chunk_of: Callable[..., Chunk]) -> None:
    longer = chunk_of("Some words stand before all this.\n\n" + TEXT, id="e" * 16)
    assert {fact.id for fact in taught(chunk_of(TEXT))} == {fact.id for fact in taught(longer)}


def test_the_seed_chooses_the_wordings(chunk_of: Callable[..., Chunk]) -> None:
    made = [[q.question for qs in taught(chunk_of(TEXT), seed=seed).values() for q in qs] for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_facts_can_be_worded_later_from_their_chunk_alone(chunk_of: Callable[..., Chunk]) -> None:
    chunk = chunk_of(TEXT)
    config = GenerateConfig(true_false=0.0)
    fact = next(iter(RuleTeacher(config).facts(chunk)))
    assert len(list(RuleTeacher(config).questions(fact, chunk, []))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "a-" * 2000,
        "(" * 4000,
        "[" * 4000,
        "“" * 4000,
        "A. " * 1300,
        "The " + "A" * 3000 + " is a thing that is.",
        "| a " * 900,
    ],
    ids=lambda text: text[:6],
)
def test_hostile_text_is_read_in_a_moment(chunk_of: Callable[..., Chunk], text: str) -> None:
    start = time.process_time()
    list(RuleTeacher(GenerateConfig()).facts(chunk_of(text, kind="prose")))
    list(RuleTeacher(GenerateConfig()).facts(chunk_of(text, kind="table", id="t")))
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("wanted", [False, True])
def test_definitions_of_a_sentence_are_asked_for_where_long_answers_are_wanted(
    chunk_of: Callable[..., Chunk], wanted: bool
) -> None:
    meaning = "a small network that is put between the frozen layers of a large Transformer model"
    found = taught(chunk_of(f"An adapter layer is {meaning}."), long_answers=wanted)
    long = {fact.answer: rows for fact, rows in found.items() if fact.form == "long"}
    assert list(long) == ([meaning] if wanted else [])
    assert {row.form for rows in long.values() for row in rows} == ({"long"} if wanted else set())
    assert {fact.answer for fact in found if fact.form == "short"} == {"adapter layer"}
    assert [fact_fault(fact) for fact in found] == [None] * len(found)
