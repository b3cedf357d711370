"""Markdown read back by a CommonMark parser: texts come out as they went in, and do nothing."""

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from loresmith.report.compose import compose
from loresmith.report.markdown import code, escaped, written
from loresmith.report.material import Material

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def inline(text: str) -> list[Token]:
    return [child for token in PARSER.parse(text) for child in token.children or []]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[a](javascript:alert(1)) ![b](http://x)",
        "*a* _b_ **c** `d` ~e~",
        "# heading",
        "- item",
        "1. item",
        "> quote",
        "a | b",
        "&lt;b&gt; &amp;",
        "a\\*b",
        "https://example.org <https://example.org>",
    ],
)
def test_escaped_text_reads_back_as_it_was(text: str) -> None:
    tokens = PARSER.parse(escaped(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(token.content for token in inline(escaped(text))) == text
    assert {token.type for token in inline(escaped(text))} <= {"text", "text_special"}


@pytest.mark.parametrize("text", ["plain", "a `b` c", "``", "<b>"])
def test_code_holds_any_text(text: str) -> None:
    (token,) = inline(code(text))
    assert (token.type, token.content) == ("code_inline", text)


def test_the_whole_report_holds_no_html_and_no_link(material: Material) -> None:
    text = written(compose(material))
    types = {token.type for token in PARSER.parse(text)} | {token.type for token in inline(text)}
    assert types.isdisjoint({"html_block", "html_inline", "link_open", "image"})


def test_hostile_text_survives_in_a_table_cell(material: Material, hostile: str) -> None:
    cells = [token.content for token in PARSER.parse(written(compose(material))) if token.type == "inline"]
    texts = ["".join(child.content for child in inline(cell)) for cell in cells]
    assert hostile in texts


def test_every_row_of_a_table_has_as_many_cells_as_its_head(material: Material) -> None:
    counts: list[set[int]] = []
    for token in PARSER.parse(written(compose(material))):
        if token.type == "table_open":
            counts.append(set())
            row = 0
        elif token.type == "tr_open":
            row = 0
        elif token.type in ("td_open", "th_open"):
            row += 1
        elif token.type == "tr_close":
            counts[-1].add(row)
    assert len(counts) > 15
    assert all(len(widths) == 1 for widths in counts)


def test_pictures_are_drawn_in_characters(material: Material) -> None:
    text = written(compose(material))
    assert "Recall: short answers" in text
    assert any("o" in line and "─" in line and "lora+rag" in line for line in text.splitlines())
