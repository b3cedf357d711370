from collections.abc import Callable

import pytest

from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.hops import Bridges
from loresmith.generate.numbers import number_claims
from loresmith.generate.rules import RuleTeacher
from loresmith.generate.survey import Survey
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question

MakeChunk = Callable[..., Chunk]
DEFINED = "BitFit is a method that trains the bias terms alone."
HEAD = "| Model | {measure} | Layers |\n|---|---|---|\n"
FIRST = (
    "Table 1: Speed.\n\n"
    + HEAD.format(measure="Speed")
    + "| GPT-2 | 5 | 3 |\n| BERT-L | 7 | 4 |\n| Qwen2.5 | 9 | 8 |\n"
)
OTHER = "Table 2: Mass.\n\n" + HEAD.format(measure="Mass") + "| GPT-2 | 31 | 12 |\n| Qwen2.5 | 64 | 24 |\n"


def hops(*chunks: Chunk) -> list[tuple[Fact, list[Question]]]:
    teacher = RuleTeacher(GenerateConfig(wordings=4, true_false=0.0))
    teacher.survey(chunks)
    return [
        (fact, [row for row in teacher.questions(fact, chunk, []) if row.form == "short"])
        for chunk in chunks
        for fact in list(teacher.facts(chunk))
        if fact.kind == "multi-hop"
    ]


def test_a_definition_in_another_document_stands_for_the_name(chunk_of: MakeChunk) -> None:
    far = chunk_of(DEFINED, id="2", document="e" * 16, source="far.md")
    ((fact, asked),) = hops(chunk_of("BitFit needs 35 MB."), far)
    assert (fact.answer, fact.quote) == ("35 MB", "BitFit needs 35 MB.")
    assert [(part.chunk, part.source, part.quote) for part in fact.also] == [("2", "far.md", DEFINED)]
    assert asked[0].question == "How many MB does the method that trains the bias terms alone need?"


def test_no_wording_names_the_bridge(chunk_of: MakeChunk) -> None:
    chunks = [
        chunk_of("BitFit needs 35 MB."),
        chunk_of(DEFINED, id="2"),
        chunk_of(FIRST, id="3"),
        chunk_of(OTHER, id="4"),
    ]
    found = hops(*chunks)
    assert {fact.subject for fact, _ in found} == {"BitFit", "Qwen2.5", "GPT-2"}
    assert not any(fact.subject in row.question for fact, asked in found for row in asked)


def test_a_wording_that_names_the_bridge_in_the_title_is_left_out(chunk_of: MakeChunk) -> None:
    chunks = [chunk_of("BitFit needs 35 MB.", title="BitFit and more"), chunk_of(DEFINED, id="2")]
    single = list(number_claims(chunks[0]))
    (claim,) = Bridges(chunks, Survey(chunks)).claims(chunks[0], single)
    assert len(claim.asked) < len(single[0].asked)
    assert not any("BitFit" in text for text in claim.asked)


def test_the_extreme_of_one_table_is_looked_up_in_another(chunk_of: MakeChunk) -> None:
    found = hops(chunk_of(FIRST, id="1", kind="table"), chunk_of(OTHER, id="2", kind="table"))
    asked = {rows[0].question: fact.answer for fact, rows in found if fact.chunk == "2"}
    known = [
        f"Take the entry with the highest value for “{column}” in Table 1 of “BERT”."
        " What does Table 2 of “BERT” give for it under “Mass”?"
        for column in ("Speed", "Layers")
    ]
    assert any(asked.get(question) == "64" for question in known)


def test_both_statements_must_stand_in_different_chunks(chunk_of: MakeChunk) -> None:
    assert hops(chunk_of(f"{DEFINED} BitFit needs 35 MB.")) == []
    assert len(hops(chunk_of("BitFit needs 35 MB.", id="1"), chunk_of(DEFINED, id="2"))) == 1


def test_a_name_that_an_ordinary_word_could_be_is_no_bridge(chunk_of: MakeChunk) -> None:
    word = DEFINED.replace("BitFit", "Falcon")
    assert hops(chunk_of("Falcon needs 35 MB."), chunk_of(word, id="2")) == []


def test_a_description_that_fits_two_names_is_none(chunk_of: MakeChunk) -> None:
    twin = chunk_of(DEFINED.replace("BitFit", "BitHalf"), id="3")
    assert hops(chunk_of("BitFit needs 35 MB."), chunk_of(DEFINED, id="2"), twin) == []


def test_a_description_that_tells_the_answer_is_none(chunk_of: MakeChunk) -> None:
    told = DEFINED.replace("the bias terms alone", "35 bias terms")
    assert hops(chunk_of("BitFit needs 35 MB."), chunk_of(told, id="2")) == []


@pytest.mark.parametrize("number", range(4))
def test_fact_and_wordings_pass_the_checks(chunk_of: MakeChunk, number: int) -> None:
    texts = ("BitFit needs 35 MB.", DEFINED, FIRST, OTHER)
    for fact, asked in hops(*(chunk_of(text, id=str(place)) for place, text in enumerate(texts))):
        assert fact_fault(fact) is None
        assert len(asked) == 4
        assert question_fault(asked[number]) is None


def test_the_second_evidence_enters_the_identity(chunk_of: MakeChunk) -> None:
    made = [
        hops(chunk_of("BitFit needs 35 MB."), chunk_of(text, id="2"))[0][0].id
        for text in (DEFINED, DEFINED, DEFINED.replace("alone", "only"))
    ]
    assert made[0] == made[1] != made[2]
