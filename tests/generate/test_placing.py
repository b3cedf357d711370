import pytest

from loresmith.generate.placing import Corpus, Text
from loresmith.records import Chunk, Document, Evidence, Fact

TEXT = "Same.\n\n<!-- page 1 -->\n\nSame. One.\n\n<!-- page 2 -->\n\nTwo. Same."
FIRST = TEXT.index("Same.", 10)


@pytest.fixture
def chunk() -> Chunk:
    return Chunk(
        id="c",
        document="d",
        source="a.md",
        title="A",
        headings=(),
        page=1,
        start=FIRST,
        end=len(TEXT),
        kind="prose",
        text=TEXT[FIRST:],
    )


def fact(quote: str, start: int = 0, end: int = 0) -> Fact:
    return Fact(
        id="f",
        chunk="x",
        document="d",
        source="a.md",
        page=None,
        start=start,
        end=end,
        quote=quote,
        kind="k",
        subject="s",
        answer="a",
    )


def test_a_quote_gets_its_span_and_its_own_page(chunk: Chunk) -> None:
    found = Text(TEXT).placed(fact("Two."), chunk)
    assert found is not None
    assert TEXT[found.start : found.end] == "Two."
    assert (found.page, found.chunk) == (2, "c")


def test_a_quote_before_the_chunk_is_not_taken(chunk: Chunk) -> None:
    found = Text(TEXT).placed(fact("Same."), chunk)
    assert found is not None
    assert (found.start, found.page) == (FIRST, 1)


def test_a_span_that_fits_is_kept(chunk: Chunk) -> None:
    last = TEXT.rindex("Same.")
    found = Text(TEXT).placed(fact("Same.", last, last + 5), chunk)
    assert found is not None
    assert (found.start, found.page) == (last, 2)


@pytest.mark.parametrize("quote", ["Three.", "one.", "", "One.\n\n<!-- page 2 -->\n\nTwo."])
def test_a_quote_that_is_not_there_or_runs_over_a_page_has_no_place(chunk: Chunk, quote: str) -> None:
    assert Text(TEXT).placed(fact(quote), chunk) is None


def test_before_the_first_mark_the_page_is_unknown() -> None:
    assert [Text(TEXT).page_at(offset) for offset in (0, 10, len(TEXT) - 1)] == [None, 1, 2]


def document(name: str, text: str) -> Document:
    return Document(id=name, source=f"{name}.md", title=name, format="md", pages=None, sha256="0" * 64, text=text)


def evidence(chunk: str, quote: str) -> Evidence:
    return Evidence(chunk=chunk, document="?", source="?", page=None, start=0, end=0, quote=quote)


def test_further_evidence_gets_its_own_document_span_and_page(chunk: Chunk) -> None:
    other = chunk.model_copy(update={"id": "o", "document": "e", "source": "e.md", "start": 0, "end": 11})
    corpus = Corpus([document("d", TEXT), document("e", "No. Maybe. ")], [chunk, other])
    found = corpus.placed(fact("Two.").model_copy(update={"also": (evidence("o", "Maybe."),)}), chunk)
    assert found is not None
    assert found.also == (Evidence(chunk="o", document="e", source="e.md", page=None, start=4, end=10, quote="Maybe."),)


@pytest.mark.parametrize(("name", "quote"), [("o", "Same."), ("o", ""), ("none", "Maybe.")])
def test_a_fact_whose_further_evidence_is_not_there_has_no_place(chunk: Chunk, name: str, quote: str) -> None:
    other = chunk.model_copy(update={"id": "o", "document": "e", "start": 0, "end": 11})
    corpus = Corpus([document("d", TEXT), document("e", "No. Maybe. Same.")], [chunk, other])
    assert corpus.placed(fact("Two.").model_copy(update={"also": (evidence(name, quote),)}), chunk) is None
