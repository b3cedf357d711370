import pytest

from loresmith.chunk.cut import chunks_of, reason_to_drop
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document

TEXT = """<!-- page 1 -->

# Valves

A relief valve opens at 4 bar.

<!-- page 2 -->

It closes at 3 bar.

## 5. References

[1] A. Smith. Valves. 1999.

## Appendix

| valve | bar |
|---|---|
| relief | 4 |
"""


@pytest.fixture
def chunks() -> list[Chunk]:
    document = Document(id="d" * 16, source="v.md", title="Valves", format="md", pages=2, sha256="0" * 64, text=TEXT)
    return list(chunks_of(document, ChunkConfig(size=400, overlap=40)))


def test_the_span_is_of_the_original_and_the_text_has_no_page_marks(chunks: list[Chunk]) -> None:
    first = chunks[0]
    assert "<!-- page 2 -->" in TEXT[first.start : first.end]
    assert first.text == "# Valves\n\nA relief valve opens at 4 bar.\n\nIt closes at 3 bar."


def test_a_chunk_knows_where_it_stands(chunks: list[Chunk]) -> None:
    last = chunks[-1]
    assert (last.document, last.source, last.page, last.kind) == ("d" * 16, "v.md", 2, "table")
    assert last.headings == ("Valves", "Appendix")


def test_identities_differ(chunks: list[Chunk]) -> None:
    assert len({chunk.id for chunk in chunks}) == len(chunks) == 3


def test_references_are_no_source_of_answers_and_what_follows_them_is(chunks: list[Chunk]) -> None:
    assert [reason_to_drop(chunk) for chunk in chunks] == [None, "references section", None]


@pytest.mark.parametrize("heading", ["References", "7 Bibliography", "A. REFERENCES", "Works Cited"])
def test_reference_lists_are_known_by_their_heading(chunks: list[Chunk], heading: str) -> None:
    assert reason_to_drop(chunks[0].model_copy(update={"headings": ("Valves", heading)})) == "references section"


@pytest.mark.parametrize("heading", ["Reference implementation", "Preferences", "Contents of the package"])
def test_similar_headings_are_not_taken_for_them(chunks: list[Chunk], heading: str) -> None:
    assert reason_to_drop(chunks[0].model_copy(update={"headings": (heading,)})) is None


def test_a_chunk_without_words_is_dropped(chunks: list[Chunk]) -> None:
    assert reason_to_drop(chunks[0].model_copy(update={"text": "— *** —"})) == "no words"
