import pytest

from loresmith.serve.page.text import inert, place, plain, quoted


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("a <img src=x onerror=alert(1)> b", "a &lt;img src=x onerror=alert(1)> b"),
        ("<!-- hidden -->", "&lt;!-- hidden -->"),
        ("![dot](https://evil.example/x.png)", "&#33;[dot](https://evil.example/x.png)"),
        ("pressure < 4 bar and a<b", "pressure < 4 bar and a&lt;b"),
        ("**bold** and [1]", "**bold** and [1]"),
    ],
)
def test_tags_and_pictures_become_words_and_markdown_stays(written: str, shown: str) -> None:
    assert inert(written) == shown


def test_code_is_left_as_it_is() -> None:
    text = "Use `<b>` or\n```html\n<i>x</i>\n```\nnot <u>this</u>"
    assert inert(text) == "Use `<b>` or\n```html\n<i>x</i>\n```\nnot &lt;u>this&lt;/u>"


def test_html_is_escaped_whole() -> None:
    assert plain('<a href="x">\'&') == "&lt;a href=&quot;x&quot;&gt;&#x27;&amp;"


def test_a_place_names_a_page_only_where_there_is_one() -> None:
    assert place("a.pdf", 3) == "a.pdf, page 3"
    assert place("a.md", None) == "a.md"


def test_a_table_row_is_quoted_without_its_outer_bars() -> None:
    assert quoted("| Heron |\n 11 |") == "Heron | 11"
