from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.markdown import MarkdownReader, without_html
from loresmith.records import Reading


def read(folder: Path, text: str) -> Reading:
    path = folder / "notes.md"
    path.write_text(text, encoding="utf-8")
    return MarkdownReader().read(path)


def test_front_matter_gives_the_title_and_goes(tmp_path: Path) -> None:
    reading = read(tmp_path, '---\ntitle: "On Valves"\ntags: [a]\n---\n\n# Heading\n\nText.\n')
    assert reading.title == "On Valves"
    assert reading.markdown == "# Heading\n\nText.\n"


def test_a_rule_at_the_top_is_no_front_matter(tmp_path: Path) -> None:
    assert "first" in read(tmp_path, "---\n\nfirst part\n").markdown


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    assert read(tmp_path, "Some text.\n\n## Of Valves ##\n").title == "Of Valves"


def test_underlined_headings_get_their_marks(tmp_path: Path) -> None:
    assert read(tmp_path, "Title\n=====\n\nPart\n----\n\ntext\n").markdown == "# Title\n\n## Part\n\ntext\n"


def test_a_rule_below_a_list_is_no_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "- item\n---\n").markdown == "- item\n---\n"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("before<script>alert(1)</script>after", "beforeafter"),
        ("x <iframe src='a'></iframe> y", "x  y"),
        ("<div>kept</div> and <b>bold</b>", "kept and bold"),
        ("<!-- page 7 -->text", "text"),
        ("see <https://example.org/a> there", "see https://example.org/a there"),
        ("the <think> tag and `<b>code</b>`", "the \\<think> tag and `<b>code</b>`"),
        ("the <think> tag", "the `<think>` tag"),
        ("one<br/>two", "one two"),
    ],
)
def test_raw_html_goes_and_its_text_stays(text: str, safe: str) -> None:
    assert without_html(text) == safe


def test_code_blocks_stay_as_they_are(tmp_path: Path) -> None:
    code = "```html\n<script>alert(1)</script>\n# no heading\n```"
    assert code in read(tmp_path, f"text\n\n{code}\n\nmore\n").markdown


def test_an_open_code_block_is_closed(tmp_path: Path) -> None:
    assert read(tmp_path, "~~~\ncode\n").markdown.rstrip().endswith("~~~")


def test_an_html_table_becomes_a_pipe_table(tmp_path: Path) -> None:
    html = "<table><tr><th>Model</th><th>Score</th></tr><tr><td>Base</td><td>9.3</td></tr></table>"
    assert "| Model | Score |\n| --- | --- |\n| Base | 9.3 |" in read(tmp_path, f"Text.\n\n{html}\n").markdown


def test_a_file_of_front_matter_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, "---\ntitle: x\n---\n")
