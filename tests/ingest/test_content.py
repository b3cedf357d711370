from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.content import kind_of, text_of_file


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as fault:
        kind_of(path)
    return fault.value.reason


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    assert refusal(tmp_path / "empty.pdf") == "empty file"


@pytest.mark.parametrize("raw", [b"PK\x03\x04rest of a zip", b"\x7fELF", b"\x89PNG\r\n"])
def test_a_binary_file_under_the_name_of_a_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "notes.md").write_bytes(raw)
    assert refusal(tmp_path / "notes.md") == "binary content, not text"


def test_a_pdf_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"\n%PDF-1.7\n")
    assert kind_of(tmp_path / "notes.txt") == ".pdf"


def test_a_text_that_mentions_the_pdf_header_stays_a_text(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"A file begins with %PDF-1.7.")
    assert kind_of(tmp_path / "notes.txt") == ".txt"


def test_a_docx_with_a_password_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "secret.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    assert "password" in refusal(tmp_path / "secret.docx")


def test_the_suffix_is_taken_in_lower_case(tmp_path: Path) -> None:
    (tmp_path / "NOTES.MD").write_text("text", encoding="utf-8")
    assert kind_of(tmp_path / "NOTES.MD") == ".md"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in refusal(tmp_path / "gone.md")


def test_white_space_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_text(" \n\t\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="white space"):
        text_of_file(tmp_path / "blank.txt")
