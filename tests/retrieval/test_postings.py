import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.records import Chunk
from loresmith.retrieval import chunk_table, lexical, postings
from loresmith.retrieval.postings import Postings

WORD = st.sampled_from(
    ["bee", "bees", "valve", "valves", "dancing", "the", "q4", "k", "m", "Crème", "4.5", "²", "東京"]
)
TEXTS = ("The relief valves open.", "Bees dance. Bees hum.", "The q4_k_m file", "Crème brûlée, bees", "q4 and k")


def filled(texts: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE chunks (position INTEGER PRIMARY KEY, title TEXT, headings TEXT, text TEXT)")
    connection.executemany("INSERT INTO chunks VALUES (?, 'Bees', '[]', ?)", enumerate(texts))
    lexical.build(connection)
    postings.build(connection, len(texts))
    return connection


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.lists(WORD, max_size=8).map(" ".join), min_size=1, max_size=12),
    question=st.lists(st.one_of(WORD, st.just("q4_k_m"), st.just("bee-dancing")), max_size=5).map(" ".join),
    k=st.integers(1, 6),
)
def test_rows_scores_and_order_are_those_of_fts5(texts: list[str], question: str, k: int) -> None:
    connection = filled(texts)
    expected = lexical.search(connection, question, k)
    found = Postings(connection).search(connection, question, k)
    assert [row for row, _ in found] == [row for row, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-5, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=30))
def test_no_question_breaks_the_search(question: str) -> None:
    connection = filled(TEXTS)
    expected = lexical.search(connection, question, 3)
    assert [row for row, _ in Postings(connection).search(connection, question, 3)] == [row for row, _ in expected]


def test_a_large_index_has_lists_and_a_small_one_has_none(
    chunks: list[Chunk], tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"  # type: ignore[operator]
    chunk_table.write(small, chunks, range(len(chunks)))
    monkeypatch.setattr(postings, "FEWEST_CHUNKS", len(chunks))
    chunk_table.write(large, chunks, range(len(chunks)))
    one, other = chunk_table.ChunkTable(small), chunk_table.ChunkTable(large)
    assert (one._postings is None, other._postings is None) == (True, False)
    for question in ("bees in winter", "How many eggs does a queen lay?", "E-117"):
        assert [row for row, _ in one.matching(question, 9)] == [row for row, _ in other.matching(question, 9)]
