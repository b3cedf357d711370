import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.notebook import NotebookReader
from loresmith.records import Reading


def read(folder: Path, *cells: dict[str, Any], language: str = "python") -> Reading:
    path = folder / "study.ipynb"
    about = {"language_info": {"name": language}}
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4}), encoding="utf-8")
    return NotebookReader().read(path)


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source}


def test_text_stays_and_code_is_fenced_with_its_language(tmp_path: Path) -> None:
    reading = read(tmp_path, text("# Valves\n\nThey *open*."), code("x = 1\nprint(x)"))
    assert reading.markdown == "# Valves\n\nThey *open*.\n\n```python\nx = 1\nprint(x)\n```\n"
    assert reading.title == "Valves"


def test_a_comment_in_code_is_no_title(tmp_path: Path) -> None:
    assert read(tmp_path, code("# not a heading\nx = 1")).title == "study"


def test_what_was_printed_follows_in_short(tmp_path: Path) -> None:
    printed = {"output_type": "stream", "text": [f"line {n}\n" for n in range(100)]}
    markdown = read(tmp_path, code("go()", printed)).markdown
    assert "line 29\n…\n```" in markdown
    assert "line 30" not in markdown


def test_a_data_frame_becomes_a_table(tmp_path: Path) -> None:
    html = "<table><thead><tr><th></th><th>bar</th></tr></thead><tbody><tr><th>A-1</th><td>4</td></tr></tbody></table>"
    shown = {"output_type": "execute_result", "data": {"text/html": [html], "text/plain": ["     bar\nA-1  4"]}}
    assert "|  | bar |\n| --- | --- |\n| A-1 | 4 |" in read(tmp_path, code("frame", shown)).markdown


def test_pictures_are_left_out(tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "iVBOR", "text/plain": ["<Figure>"]}}
    markdown = read(
        tmp_path, text("see ![plot](attachment:a.png) and ![b](data:image/png;base64,AA)"), code("p()", picture)
    ).markdown
    assert markdown == "see plot and b\n\n```python\np()\n```\n"


def test_an_error_is_one_line_without_its_trace(tmp_path: Path) -> None:
    failed = {"output_type": "error", "ename": "ValueError", "evalue": "no bar", "traceback": ["\x1b[31mTrace"]}
    assert "```\nValueError: no bar\n```" in read(tmp_path, code("f()", failed)).markdown


def test_html_in_a_text_cell_does_not_come_alive(tmp_path: Path) -> None:
    assert "<script" not in read(tmp_path, text("kept <script>x()</script>")).markdown


@pytest.mark.parametrize("raw", ["{}", "[1, 2]", '{"cells": 3}', "no json"])
def test_what_is_no_notebook_is_refused(tmp_path: Path, raw: str) -> None:
    (tmp_path / "bad.ipynb").write_text(raw, encoding="utf-8")
    with pytest.raises(Unreadable, match="damaged, or no notebook"):
        NotebookReader().read(tmp_path / "bad.ipynb")


def test_an_empty_notebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no cell with text"):
        read(tmp_path, code(""), text(" "))


def test_half_a_character_does_not_end_the_reading(tmp_path: Path) -> None:
    failed = {"output_type": "error", "ename": "ValueError", "evalue": "\ud83d"}
    reading = read(tmp_path, text("# Half \ud83d"), code("'\ude00'", failed), text("whole \ud83d\ude00"))
    assert reading.title == "Half \ufffd"
    assert reading.model_dump_json().count("\ufffd") == 4
    assert "whole \U0001f600" in reading.markdown
