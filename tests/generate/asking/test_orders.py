from collections.abc import Callable

from loresmith.generate.asking.orders import orders, statements
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk

SENTENCE = "The relief valve opens at 4 bar. "


def test_more_is_asked_of_a_chunk_that_says_more(chunk_of: Callable[..., Chunk]) -> None:
    assert [statements(chunk_of(SENTENCE * count)) for count in (1, 3, 7)] == [1, 3, 7]
    assert statements(chunk_of("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n")) == 2


def test_a_chunk_that_says_nothing_costs_no_call(chunk_of: Callable[..., Chunk]) -> None:
    assert orders([chunk_of("# Contents"), chunk_of(""), chunk_of("| a |\n|---|")], GenerateConfig()) == []


def test_no_more_is_asked_than_a_chunk_may_give(chunk_of: Callable[..., Chunk]) -> None:
    (order,) = orders([chunk_of(SENTENCE * 9)], GenerateConfig(facts_per_chunk=4))
    assert order.facts == 4


def test_few_facts_need_few_calls_from_every_document(chunk_of: Callable[..., Chunk]) -> None:
    chunks = [chunk_of(SENTENCE * 2, id=f"{doc}{n}", document=doc) for doc in "ab" for n in range(10)]
    chosen = orders(chunks, GenerateConfig(max_facts=4))
    assert [order.chunk.id for order in chosen] == ["a0", "a1", "a2", "b0", "b1"]  # 10 facts for 4 kept
