from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.text import TextReader


def written(folder: Path, text: str) -> Path:
    path = folder / "notes.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_paragraphs_stay_as_they_are(tmp_path: Path) -> None:
    reading = TextReader().read(written(tmp_path, "Valves\n\nThe first.\nGoes on.\n\n\n\nThe second.\n"))
    assert reading.markdown == "Valves\n\nThe first.\nGoes on.\n\nThe second.\n"
    assert (reading.title, reading.pages) == ("Valves", None)


def test_form_feeds_are_page_breaks(tmp_path: Path) -> None:
    reading = TextReader().read(written(tmp_path, "one\ftwo\f"))
    assert reading.markdown == "<!-- page 1 -->\n\none\n\n<!-- page 2 -->\n\ntwo\n"
    assert reading.pages == 2


def test_html_in_a_text_is_shown_not_run(tmp_path: Path) -> None:
    assert "`<script>`" in TextReader().read(written(tmp_path, "<script>x()</script>")).markdown


def test_a_long_first_line_is_no_title(tmp_path: Path) -> None:
    assert TextReader().read(written(tmp_path, "word " * 40)).title == "notes"


def test_nothing_but_form_feeds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        TextReader().read(written(tmp_path, "\f \f\n"))
