import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from loresmith.ingest.markup import (
    block_quote,
    first_heading,
    heading,
    list_item,
    pipe_table,
    safe_paragraph,
    safe_text,
)


@pytest.mark.parametrize(
    ("given_text", "safe"),
    [
        ("the <think> tag", "the `<think>` tag"),
        ("p < 0.05 and q > 2", "p < 0.05 and q > 2"),
        ("<!-- page 3 -->", "\\<!-- page 3 -->"),
        ("already `<b>` code", "already `<b>` code"),
        ("<script", "\\<script"),
        ("both <a><b> tags", "both `<a><b>` tags"),
        ("`a`<b>", "`a`\\<b>"),
        ('<a href="x">y</a>', '`<a href="x">`y`</a>`'),
    ],
)
def test_text_cannot_become_html(given_text: str, safe: str) -> None:
    assert safe_text(given_text) == safe


@given(st.lists(st.sampled_from(["<b>", "</b>", "<", ">", "`", "``", " ", "x", "!--", "-->", "<?", "\\"]), max_size=12))
def test_a_renderer_finds_no_html_in_it(parts: list[str]) -> None:
    tokens = MarkdownIt("commonmark").parse("x" + safe_text("".join(parts)))
    kinds = {child.type for token in tokens for child in [token, *(token.children or [])]}
    assert not kinds & {"html_inline", "html_block"}


@pytest.mark.parametrize("text", ["# not a heading", "- not an item", "> no quote", "| no table", "```", "* no item"])
def test_a_paragraph_stays_one(text: str) -> None:
    assert safe_paragraph(text) == "\\" + text


def test_a_heading_is_one_line_of_at_most_six_marks() -> None:
    assert heading("Two\nlines", 9) == "###### Two lines"


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        (["Text with # in it.", "### Third #1", "# First"], "Third #1"),
        (["Text."], ""),
        ([], ""),
    ],
)
def test_the_first_heading_is_given_without_its_marks_whatever_its_level(blocks: list[str], words: str) -> None:
    assert first_heading(iter(blocks)) == words


def test_an_empty_line_of_a_quote_has_its_mark_and_nothing_behind() -> None:
    assert block_quote("One\ntwo\n\n> three") == "> One\n> two\n>\n> > three"
    assert block_quote("") == ""


@pytest.mark.parametrize(("mark", "below"), [("- ", "  "), ("10. ", "    ")])
def test_all_lines_of_an_item_stand_below_its_first_and_empty_ones_stay_empty(mark: str, below: str) -> None:
    assert list(list_item(mark, ["One", "- two\n\nthree"])) == [f"{mark}One", f"{below}- two", "", f"{below}three"]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert pipe_table([["a|b", "c"], ["d"]]) == "| a\\|b | c |\n| --- | --- |\n| d |  |"


def test_no_rows_make_no_table() -> None:
    assert pipe_table([]) == ""
