from loresmith.records import Answer, Citation
from loresmith.serve.page import sources
from tests.serve.librarian import passage

HOSTILE = '<img src=x onerror="alert(1)">'


def answer(quote: str = "It opens at 4 bar.", number: int = 1, source: str = "pumps.pdf") -> Answer:
    cited = Citation(number=number, document="d1", source=source, page=7, quote=quote)
    return Answer(
        question="?", text="4 bar [1]", citations=(cited,), passages=(passage(1), passage(2)), generator="tiny"
    )


def test_a_card_shows_number_document_page_quote_and_why() -> None:
    shown = sources.cards(answer())
    for part in (">1</span>", "pumps.pdf", "page 7", "It opens at 4 bar.", "by meaning: rank 1 · by words: rank 1"):
        assert part in shown


def test_what_was_read_and_not_cited_is_listed_apart() -> None:
    shown = sources.cards(answer())
    assert "Also read (1)" in shown
    assert "Passage 2." in shown.split("<details")[1]
    assert "by meaning: rank 2" in shown.split("<details")[1]


def test_nothing_from_a_document_is_html() -> None:
    shown = sources.cards(answer(quote=HOSTILE, source=HOSTILE))
    assert "<img" not in shown
    assert shown.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") == 2


def test_a_citation_without_its_passage_is_shown_without_a_reason() -> None:
    shown = sources.cards(answer(number=9))
    assert ">9</span>" in shown
    assert "by meaning" not in shown.split("<details")[0]


def test_an_answer_from_nothing_says_so() -> None:
    empty = Answer(
        question="?", text="The sources do not say.", citations=(), passages=(), generator=None, refused=True
    )
    assert sources.cards(empty) == sources.NOTHING_FOUND


def test_passages_without_citations_are_open_to_see() -> None:
    silent = answer().model_copy(update={"citations": ()})
    assert "cites none" in sources.cards(silent)
    assert "<details open>" in sources.cards(silent)
