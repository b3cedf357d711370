from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.html import HtmlReader
from loresmith.records import Reading


def read(folder: Path, body: str, head: str = "<title>Of  Valves</title>") -> Reading:
    path = folder / "page.html"
    path.write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return HtmlReader().read(path)


def test_headings_paragraphs_and_lists_keep_their_order(tmp_path: Path) -> None:
    body = "<h1>One</h1>loose <b>text</b><p>A <a href='x'>link</a>.</p><ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"
    assert read(tmp_path, body).markdown == "# One\n\nloose text\n\nA link.\n\n1. a\n   - b\n2. c\n"


def test_the_title_is_that_of_the_page(tmp_path: Path) -> None:
    assert read(tmp_path, "<p>x</p>").title == "Of Valves"


@pytest.mark.parametrize("tag", ["script", "style", "nav", "footer", "aside", "form", "iframe", "template", "noscript"])
def test_what_is_no_content_is_left_out(tmp_path: Path, tag: str) -> None:
    assert read(tmp_path, f"<p>kept</p><{tag}><p>dropped</p></{tag}>").markdown == "kept\n"


def test_hidden_text_is_left_out(tmp_path: Path) -> None:
    body = "<p>kept</p><p hidden>a</p><p style='display: none'>b</p><div role='navigation'>c</div>"
    assert read(tmp_path, body).markdown == "kept\n"


def test_the_main_part_is_taken_alone_when_it_holds_enough(tmp_path: Path) -> None:
    story = "The valve opens at four bar. " * 12
    markdown = read(tmp_path, f"<div>Banner</div><main><p>{story}</p></main><div>Links</div>").markdown
    assert "Banner" not in markdown
    assert "four bar" in markdown


def test_the_whole_body_is_taken_when_the_main_part_is_nearly_empty(tmp_path: Path) -> None:
    story = "The valve opens at four bar. " * 12
    assert "four bar" in read(tmp_path, f"<main><p>Loading</p></main><div>{story}</div>").markdown


def test_spans_of_a_table_are_expanded_and_its_header_flattened(tmp_path: Path) -> None:
    table = """<table><caption>Scores</caption><thead>
    <tr><th rowspan=2>Model</th><th colspan=2>AIME</th></tr><tr><th>pass</th><th>cons</th></tr></thead>
    <tr><td rowspan=2>Base</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4|5</td></tr>
    <tr><td colspan=3>Closed models</td></tr></table>"""
    assert read(tmp_path, table).markdown == (
        "Scores\n\n| Model | AIME pass | AIME cons |\n| --- | --- | --- |\n"
        "| Base | 1 | 2 |\n| Base | 3 | 4\\|5 |\n| Closed models |  |  |\n"
    )


def test_a_table_that_only_places_things_is_read_through(tmp_path: Path) -> None:
    assert read(tmp_path, "<table><tr><td><h2>Part</h2><p>text</p></td></tr></table>").markdown == "## Part\n\ntext\n"


def test_absurd_spans_do_not_fill_the_memory(tmp_path: Path) -> None:
    row = "<tr>" + "<td colspan=100000000 rowspan=100000000>x</td>" * 3 + "</tr>"
    assert len(read(tmp_path, f"<table>{row * 400}</table>").markdown) < 600_000


def test_code_is_fenced_so_that_nothing_in_it_can_close_the_fence(tmp_path: Path) -> None:
    markdown = read(tmp_path, "<pre>a &lt;b&gt;\n```\nc</pre><p>use <code>x &lt; y</code></p>").markdown
    assert markdown == "````\na <b>\n```\nc\n````\n\nuse `x < y`\n"


def test_escaped_tags_do_not_come_alive(tmp_path: Path) -> None:
    assert read(tmp_path, "<p>&lt;script&gt;x()&lt;/script&gt;</p>").markdown == "`<script>`x()`</script>`\n"


def test_the_declared_encoding_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(
        '<html><head><meta charset="windows-1251"></head><body><p>Привет</p></body></html>'.encode("cp1251")
    )
    assert HtmlReader().read(path).markdown == "Привет\n"


def test_a_long_list_of_bare_links_is_a_menu(tmp_path: Path) -> None:
    menu = "<ul>" + "".join(f"<li><a href='{n}'>Language {n}</a></li>" for n in range(20)) + "</ul>"
    assert read(tmp_path, f"<p>kept</p>{menu}").markdown == "kept\n"


def test_deep_nesting_is_survived(tmp_path: Path) -> None:
    assert "bottom" in read(tmp_path, "<div>" * 150 + "bottom" + "</div>" * 150).markdown
    with pytest.raises(Unreadable):
        read(tmp_path, "<div>" * 5000 + "bottom" + "</div>" * 5000)


def test_a_page_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no text outside"):
        read(tmp_path, "<script>everything()</script><nav>menu</nav>")


def test_a_wikipedia_page_keeps_its_article(shared_data: Path) -> None:
    reading = HtmlReader().read(shared_data / "otherdocs" / "docling" / "html" / "sources" / "wiki_duck.html")
    assert "## Etymology" in reading.markdown
    assert "| Kingdom: | Animalia |" in reading.markdown
    assert "Afrikaans" not in reading.markdown
