from typing import Any

from loresmith.records import Chunk
from loresmith.review.passages import Passage, passage_of

TEXT = "Before. The vice holds 40 kg.\n\n<!-- page 2 -->\n\nThe saw holds <b>12</b> blades. After."


def chunk(**fields: Any) -> Chunk:
    known: dict[str, Any] = {
        **{"id": "c", "document": "d", "source": "a.md", "title": "A", "headings": ("A",), "page": 1, "kind": "prose"},
        **{"start": 0, "end": len(TEXT), "text": TEXT.replace("<!-- page 2 -->\n\n", "")},
    }
    return Chunk(**(known | fields))


def span(words: str, text: str = TEXT) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def quotes(passage: Passage) -> list[str]:
    return [piece.text for piece in passage.pieces if piece.is_quote]


def whole(passage: Passage) -> str:
    return "".join(piece.text for piece in passage.pieces)


def test_the_quote_is_set_apart_and_the_rest_is_as_it_stands() -> None:
    passage = passage_of(chunk(), TEXT, [span("The vice holds 40 kg.")], 7)
    assert (passage.source, passage.page, passage.headings) == ("a.md", 7, ("A",))
    assert quotes(passage) == ["The vice holds 40 kg."]
    assert whole(passage) == TEXT.replace("<!-- page 2 -->", "— page 2 —")


def test_several_quotes_are_marked_each_and_those_that_overlap_together_once() -> None:
    wide, late = span("The vice holds 40 kg."), span("The saw holds <b>12</b> blades.")
    passage = passage_of(chunk(), TEXT, [late, span("40 kg."), wide], 1)
    assert quotes(passage) == ["The vice holds 40 kg.", "The saw holds <b>12</b> blades."]
    assert whole(passage).count("40 kg") == 1


def test_a_quote_outside_the_chunk_is_marked_nowhere() -> None:
    passage = passage_of(chunk(start=8, end=29, text=TEXT[8:29]), TEXT, [span("Before."), span("After.")], 1)
    assert quotes(passage) == []
    assert whole(passage) == "The vice holds 40 kg."


def test_a_table_that_was_cut_shows_the_header_that_its_chunk_repeats() -> None:
    header = "| Machine | Mass (kg) |\n|---|---|\n"
    table = f"{header}| Heron | 61 |\n| Plover | 74 |\n"
    start = table.index("| Plover")
    cut = chunk(kind="table", start=start, end=len(table), text=f"{header}\n| Plover | 74 |")
    passage = passage_of(cut, table, [span("| Plover | 74 |", table)], 1)
    assert passage.is_table
    assert whole(passage) == f"{header}| Plover | 74 |\n"
    assert quotes(passage) == ["| Plover | 74 |"]
