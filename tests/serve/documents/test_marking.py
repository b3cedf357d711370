import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.serve.documents.marking import drawn, holds

HOSTILE = "<script>alert(1)</script> ![x](https://evil.example/x.png) [y](javascript:alert(1)) <https://evil.example>"


def marked(html: str) -> str:
    return " ".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html))


def test_the_words_are_marked_across_emphasis_lines_and_cells() -> None:
    shown = drawn("The **relief** valve\nopens at 4 bar. It is brass.", "relief valve opens at 4 bar")
    assert marked(shown.html) == "relief valve opens at 4 bar"
    table = "| Pump | Power |\n|---|---|\n| Heron | 11 |\n| Curlew | 22 |\n"
    assert marked(drawn(table, "| Curlew | 22 |").html) == "Curlew 22"
    assert shown.html.count('id="passage"') == 1


def test_of_several_occurrences_the_one_below_the_passage_s_beginning_is_meant() -> None:
    text = "First, it opens at 4 bar.\n\nSecond, it opens at 4 bar.\n"
    shown = drawn(text, "it opens at 4 bar", before=text[: text.index("Second")])
    assert shown.html.index("Second") < shown.html.index("<mark")
    assert drawn(text, "it opens at 4 bar").html.index("<mark") < shown.html.index("Second")


def test_words_that_are_not_there_mark_nothing_and_say_so() -> None:
    shown = drawn("It opens at 4 bar.", "It opens at 5 bar.")
    assert not shown.is_found
    assert "<mark" not in shown.html
    assert not holds("It opens at 4 bar.", "")


@pytest.mark.parametrize("quote", ["", "alert", HOSTILE, "<mark>", "evil.example/x.png"])
def test_nothing_of_a_document_becomes_a_tag_a_link_or_a_picture(quote: str) -> None:
    html = drawn(f"{HOSTILE}\n\n[y]: javascript:alert(2)\n\n`<b>` and {HOSTILE}", quote).html
    tags = set(re.findall(r"<(/?[a-z]+)", html))
    assert tags <= {"p", "/p", "mark", "/mark", "code", "/code"}
    assert 'href="' not in html
    assert 'src="' not in html


@given(st.text(alphabet="ab*_`|<>[]() \n", max_size=80), st.text(alphabet="ab*`| ", max_size=20))
def test_marking_changes_nothing_but_the_marks(text: str, quote: str) -> None:
    bare = re.sub(r"</?mark[^>]*>", "", drawn(text, quote).html)
    assert bare == drawn(text).html
