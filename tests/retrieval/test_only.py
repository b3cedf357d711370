from pathlib import Path

import pytest

from loresmith.records import Chunk
from loresmith.retrieval import chunk_table, postings
from loresmith.retrieval.chunk_table import ChunkTable
from loresmith.retrieval.only import Only
from loresmith.retrieval.searcher import Searcher


@pytest.mark.parametrize(
    ("only", "allowed"),
    [
        (Only(), True),
        (Only(documents=("id1",)), True),
        (Only(documents=("physics/*",)), True),
        (Only(documents=("*.pdf",)), False),
        (Only(documents=("*.pdf", "physics/a.md")), True),
        (Only(but=("physics/*",)), False),
        (Only(documents=("physics/*",), but=("*/a.md",)), False),
        (Only(documents=("PHYSICS/*",)), False),
    ],
)
def test_documents_are_named_by_id_or_pattern(only: Only, allowed: bool) -> None:
    assert only.allows("id1", "physics/a.md") is allowed


def test_what_is_left_out_takes_no_place(searcher: Searcher) -> None:
    question = "How many eggs does a queen bee lay?"
    found = searcher.search(question, 6, Only(documents=("planets.md", "bread.md")))
    assert len(found) == 6 and {passage.source for passage in found} == {"planets.md", "bread.md"}
    assert found[0].dense_rank == 1 or found[0].lexical_rank == 1
    without = searcher.search(question, 12, Only(but=("bees.md",)))
    assert "bees.md" not in {passage.source for passage in without} and len(without) == 12


def test_a_choice_of_everything_changes_nothing(searcher: Searcher) -> None:
    question = "When is honey ripe?"
    every = Only(documents=("*",))
    assert searcher.search(question, 8, every) == searcher.search(question, 8) == searcher.search(question, 8, Only())


def test_a_choice_of_nothing_finds_nothing(searcher: Searcher) -> None:
    assert searcher.search("honey", 3, Only(documents=("unknown.md",))) == []


def test_posting_lists_keep_to_the_choice_too(
    chunks: list[Chunk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "FEWEST_CHUNKS", 1)
    chunk_table.write(tmp_path / "chunks.sqlite", chunks, range(len(chunks)))
    table = ChunkTable(tmp_path / "chunks.sqlite")
    allowed = table.allowed(Only(but=("bees.md",)))
    assert [row for row, _ in table.matching("honey bees and water", 9) if allowed[row]] == [
        row for row, _ in table.matching("honey bees and water", 9, allowed)
    ]
