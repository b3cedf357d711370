from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from loresmith.generate.harvest import Harvest, gather, narrow, settle, word
from loresmith.generate.languages import LanguageCheck
from loresmith.generate.placing import Corpus
from loresmith.generate.rules import RuleTeacher
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Document, Fact, Question

TEXT = "BR-7 holds 12 springs. BR-8 holds 13 springs. BR-9 holds 14 springs."
CONFIG = GenerateConfig()
BERT = Document(
    id="d" * 16, source="bert.md", title="BERT: A reader", format="md", pages=None, sha256="0" * 64, text=TEXT
)


def gathered(chunks: list[Chunk], config: GenerateConfig = CONFIG) -> Harvest:
    harvest, teacher, corpus = Harvest(), RuleTeacher(config), Corpus([BERT], chunks)
    for chunk in chunks:
        gather(harvest, teacher.facts(chunk), chunk, corpus, config)
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
    list(word(harvest, RuleTeacher(CONFIG), {chunk.id: chunk}, LanguageCheck("any")))
    settle(harvest)
    narrow(harvest, 1, seed=17)
    assert {question.fact for question in harvest.questions} == {harvest.facts[0].id}
    assert harvest.read == len(harvest.questions) + len(harvest.dropped)


TABLE = (
    "Table 1: R.\n\n| Model | Mass | Speed |\n|---|---|---|\n| GPT-2 | 31 | 4 |\n| BERT-L | 34 | 5 |\n| Yi-6 | 39 | 7 |"
)


def test_combined_facts_take_no_place_from_the_others(chunk_of: Callable[..., Chunk]) -> None:
    harvest, chunk, config = Harvest(), chunk_of(TABLE), GenerateConfig(facts_per_chunk=4)
    corpus = Corpus([BERT.model_copy(update={"text": TABLE})], [chunk])
    gather(harvest, RuleTeacher(config).facts(chunk), chunk, corpus, config)
    assert Counter(fact.kind for fact in harvest.facts) == {"cell": 4, "comparison": 2}
    assert [fact.kind for fact, _ in harvest.dropped] == ["cell", "cell", "comparison", "comparison"]


def test_a_question_carries_all_the_evidence_of_its_fact(chunk_of: Callable[..., Chunk]) -> None:
    harvest, chunk = Harvest(), chunk_of(TABLE)
    corpus = Corpus([BERT.model_copy(update={"text": TABLE})], [chunk])
    gather(harvest, RuleTeacher(CONFIG).facts(chunk), chunk, corpus, CONFIG)
    list(word(harvest, RuleTeacher(CONFIG), {chunk.id: chunk}, LanguageCheck("any")))
    asked = [question for question in harvest.questions if question.kind == "comparison"]
    assert asked
    assert all(TABLE[part.start : part.end] == part.quote for question in asked for part in question.also)
    assert all(len(question.also) == 1 for question in asked)


class Forgetful(RuleTeacher):
    """A teacher that writes its questions without the evidence."""

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterator[Question]:
        for question in super().questions(fact, chunk, neighbours):
            yield question.model_copy(update={"also": (), "quote": "?"})


def test_evidence_comes_from_the_fact_whatever_the_teacher_writes(chunk_of: Callable[..., Chunk]) -> None:
    harvest, chunk = Harvest(), chunk_of(TABLE)
    corpus = Corpus([BERT.model_copy(update={"text": TABLE})], [chunk])
    gather(harvest, RuleTeacher(CONFIG).facts(chunk), chunk, corpus, CONFIG)
    list(word(harvest, Forgetful(CONFIG), {chunk.id: chunk}, LanguageCheck("any")))
    facts = {fact.id: fact for fact in harvest.facts}
    assert {len(fact.also) for fact in facts.values()} == {0, 1}
    assert all((row.quote, row.also) == (facts[row.fact].quote, facts[row.fact].also) for row in harvest.questions)


def test_rows_from_before_there_was_further_evidence_can_still_be_read() -> None:
    fact = '{"id":"f","chunk":"c","document":"d","source":"a.md","page":null,"start":0,"end":1,"quote":"q","kind":"k"'
    assert Fact.model_validate_json(f'{fact},"subject":"s","answer":"a"}}').also == ()
