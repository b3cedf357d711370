import threading
from pathlib import Path

import pytest

from loresmith.errors import ArtifactCorrupt
from loresmith.records import Chunk
from loresmith.retrieval import chunk_table
from loresmith.retrieval.chunk_table import ChunkTable


@pytest.fixture
def table(chunks: list[Chunk], tmp_path: Path) -> ChunkTable:
    chunk_table.write(tmp_path / "chunks.sqlite", chunks, [*range(len(chunks)), len(chunks) - 1])
    return ChunkTable(tmp_path / "chunks.sqlite")


def test_every_chunk_comes_back_as_it_went_in(table: ChunkTable, chunks: list[Chunk]) -> None:
    assert len(table) == len(chunks)
    assert table.by_position([2, 0]) == {0: chunks[0], 2: chunks[2]}
    assert table.by_id(chunks[5].id) == chunks[5]
    assert table.by_id("none") is None


def test_odd_headings_and_an_unknown_page_survive(chunks: list[Chunk], tmp_path: Path) -> None:
    odd = chunks[0].model_copy(update={"headings": ("A > B", 'Ünïcode\n“C”, "D"'), "page": None})
    chunk_table.write(tmp_path / "odd.sqlite", [odd], [0])
    assert ChunkTable(tmp_path / "odd.sqlite").by_id(odd.id) == odd


def test_each_vector_row_knows_its_chunk(table: ChunkTable, chunks: list[Chunk]) -> None:
    assert table.window_positions().tolist() == [*range(len(chunks)), len(chunks) - 1]


def test_the_same_chunks_give_the_same_bytes(chunks: list[Chunk], tmp_path: Path) -> None:
    for name in ("one", "other"):
        chunk_table.write(tmp_path / name, chunks, range(len(chunks)))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["one", "other"]


def test_threads_can_search_at_once(table: ChunkTable) -> None:
    expected = table.matching("valve", 3)
    found: list[list[tuple[int, float]]] = []

    def work() -> None:
        found.extend(table.matching("valve", 3) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert expected and found == [expected] * 80


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_index_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "chunks.sqlite").write_bytes(content)
    with pytest.raises(ArtifactCorrupt, match="loresmith index"):
        ChunkTable(tmp_path / "chunks.sqlite")
