"""PDF files from their bytes to Markdown."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.pdf import PdfReader

WritePdf = Callable[..., Path]

PROSE = """
72 100 18 bold A Study of Relief Valves
72 140 11 regular The valve opens at four bar and closes when the pressure has fallen
72 153 11 regular again. It was tested for a year in a mill by the river.
"""


def test_each_page_begins_with_its_mark(write_pdf: WritePdf) -> None:
    reading = PdfReader().read(write_pdf(PROSE, "72 100 11 regular The second page has one line."))
    assert reading.pages == 2
    assert reading.markdown.startswith("<!-- page 1 -->\n\n# A Study of Relief Valves\n\nThe valve opens")
    assert "\n\n<!-- page 2 -->\n\nThe second page has one line." in reading.markdown


def test_the_title_is_the_largest_heading_on_page_one(write_pdf: WritePdf) -> None:
    assert PdfReader().read(write_pdf(PROSE)).title == "A Study of Relief Valves"


def test_the_title_holds_no_mark_of_a_footnote(write_pdf: WritePdf) -> None:
    noted = "252 94 10 bold 1\nrule 72 144 700\n72 709 6 regular 1\n76 712 9 regular Printed in Kassel."
    reading = PdfReader().read(write_pdf(PROSE + noted))
    assert reading.title == "A Study of Relief Valves"
    assert reading.markdown.endswith("[^1]: Printed in Kassel.\n")


def test_lines_of_a_paragraph_are_joined(write_pdf: WritePdf) -> None:
    assert "the pressure has fallen again. It was" in PdfReader().read(write_pdf(PROSE)).markdown


def test_a_page_without_words_keeps_its_mark(write_pdf: WritePdf) -> None:
    reading = PdfReader().read(write_pdf(PROSE, "rule 72 300 100", PROSE))
    assert reading.markdown.count("<!-- page ") == 3


def test_a_turned_page_is_read_as_it_is_shown(write_pdf: WritePdf) -> None:
    with pytest.raises(Unreadable, match="no text"):  # text drawn level stands upright on a page that is shown turned
        PdfReader().read(write_pdf(PROSE, rotate=90))


def test_a_tag_in_the_text_becomes_code(write_pdf: WritePdf) -> None:
    reading = PdfReader().read(write_pdf("72 100 11 regular The model writes <script>alert(1)</script> here."))
    assert "`<script>`alert(1)`</script>`" in reading.markdown


def test_a_page_mark_in_the_text_cannot_pass_for_one(write_pdf: WritePdf) -> None:
    reading = PdfReader().read(write_pdf("72 100 11 regular <!-- page 9 --> is what it says."))
    assert "\n<!-- page 9" not in reading.markdown


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"%PDF-1.4\nnothing that follows is a PDF", "damaged, or no PDF"),
        (b"not even a header", "damaged, or no PDF"),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(raw)
    with pytest.raises(Unreadable) as fault:
        PdfReader().read(path)
    assert fault.value.reason == reason


def test_an_encrypted_file_needs_a_password(write_pdf: WritePdf) -> None:
    with pytest.raises(Unreadable) as fault:
        PdfReader().read(write_pdf(PROSE, encrypt=True))
    assert fault.value.reason == "encrypted; needs a password"


def test_a_scan_without_tesseract_says_how_to_install_it(
    write_pdf: WritePdf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable) as scan:
        PdfReader().read(write_pdf("image 0 0 612 792", "image 0 0 612 792"))
    assert scan.value.reason.startswith("no text layer on 2 of 2 pages; scanned? Install tesseract")
    assert "apt install tesseract-ocr" in scan.value.reason


def test_an_empty_document_is_no_scan(write_pdf: WritePdf) -> None:
    with pytest.raises(Unreadable) as blank:
        PdfReader().read(write_pdf("rule 72 300 100"))
    assert blank.value.reason == "no text and no pictures on 1 of 1 pages; damaged, or drawn as curves?"


def test_files_of_the_awkward_kind_are_read_or_refused(shared_data: Path) -> None:
    outcomes: dict[str, str] = {}
    for path in sorted((shared_data / "pdf" / "awkward").rglob("*.pdf")):
        try:
            outcomes[path.name] = f"{PdfReader().read(path).pages} pages"
        except Unreadable as fault:
            outcomes[path.name] = fault.reason
    assert outcomes["aes-256.pdf"] == outcomes["rc4-40.pdf"] == "encrypted; needs a password"
    assert outcomes["tracemonkey.pdf"] == "14 pages"
    scan = "1 pages" if shutil.which("tesseract") else "no text layer on 1 of 1 pages"
    assert outcomes["ocr_test.pdf"].startswith(scan)
    assert outcomes["copy-protected.pdf"] == "2 pages"
