from collections.abc import Callable

from loresmith.generate.harvest import Harvest, gather, narrow, settle, word
from loresmith.generate.placing import Text
from loresmith.generate.rules import RuleTeacher
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact

TEXT = "BR-7 holds 12 springs. BR-8 holds 13 springs. BR-9 holds 14 springs."
CONFIG = GenerateConfig()


def gathered(chunks: list[Chunk], config: GenerateConfig = CONFIG) -> Harvest:
    harvest, teacher = Harvest(), RuleTeacher(config)
    for chunk in chunks:
        gather(harvest, teacher.facts(chunk), chunk, Text(TEXT), config)
    return harvest


def test_what_overlapping_chunks_both_say_is_one_fact(chunk_of: Callable[..., Chunk]) -> None:
    first = chunk_of(TEXT[:46].strip(), end=46, id="1")
    second = chunk_of(TEXT[23:], start=23, end=len(TEXT), id="2")
    harvest = gathered([first, second])
    assert [fact.answer for fact in harvest.facts] == ["12", "13", "14"]
    assert [(row.answer, reason) for row, reason in harvest.dropped if isinstance(row, Fact)] == [
        ("13", "found before, where chunks overlap")
    ]


def test_a_chunk_gives_no_more_than_its_share(chunk_of: Callable[..., Chunk]) -> None:
    harvest = gathered([chunk_of(TEXT)], GenerateConfig(facts_per_chunk=2))
    assert len(harvest.facts) == 2
    assert [reason for _, reason in harvest.dropped] == ["more than facts_per_chunk"]


def test_narrowing_drops_the_questions_of_the_facts_that_go(chunk_of: Callable[..., Chunk]) -> None:
    chunk = chunk_of(TEXT)
    harvest = gathered([chunk])
    list(word(harvest, RuleTeacher(CONFIG), {chunk.id: chunk}))
    settle(harvest)
    narrow(harvest, 1, seed=17)
    assert {question.fact for question in harvest.questions} == {harvest.facts[0].id}
    assert harvest.read == len(harvest.questions) + len(harvest.dropped)
