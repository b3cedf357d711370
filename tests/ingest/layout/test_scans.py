"""Scanned pages: a page is drawn, made a picture, and read back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from loresmith.ingest.layout import scans
from loresmith.ingest.pdf import PdfReader

WritePdf = Callable[..., Path]
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
PAGE = """72 100 18 bold Relief valves
72 140 11 regular The relief valve opens at 4 bar and closes again when the pressure falls.
72 154 11 regular It was tested in Norway for eleven years.
rule 72 400 202
76 216 11 regular Valve
206 216 11 regular Pressure
336 216 11 regular Weight
rule 72 400 224
76 240 11 regular Harlow
206 240 11 regular 40 bar
336 240 11 regular 12 kg
76 258 11 regular Motrand
206 258 11 regular 65 bar
336 258 11 regular 19 kg
76 276 11 regular Klaithor
206 276 11 regular 80 bar
336 276 11 regular 23 kg
rule 72 400 286"""


@pytest.fixture
def scan(write_pdf: WritePdf, tmp_path: Path) -> Path:
    """The page as a picture, in a PDF without a text layer."""
    with pdfium.PdfDocument(write_pdf(PAGE)) as document:
        picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    path = tmp_path / "scan.pdf"
    picture.save(path, resolution=200)
    return path


@needs_tesseract
def test_a_scan_is_read_with_its_heading_and_its_table(scan: Path) -> None:
    markdown = PdfReader().read(scan).markdown
    assert "# Relief valves" in markdown
    assert "The relief valve opens at 4 bar and closes again when the pressure falls." in markdown
    assert "| Motrand | 65 bar | 19 kg |" in markdown


@needs_tesseract
def test_a_words_place_and_size_are_those_of_the_page(scan: Path) -> None:
    with pdfium.PdfDocument(scan) as document:
        words = scans.words_in(scans.pixels_of(document[0]))
    word = next(word for word in words if word.text == "Norway")
    assert word.baseline == pytest.approx(154, abs=1.5)
    assert word.size == pytest.approx(11, rel=0.25)


def test_lines_are_found_and_letters_and_pictures_are_none() -> None:
    pixels = np.full((600, 600), 255, dtype=np.uint8)
    pixels[100:102, 50:550] = 0  # a line
    pixels[50:400, 300:303] = 0  # an upright
    pixels[450:500, 100:500] = 0  # a black box
    pixels[200, 20:60] = 0  # a dash
    rules, uprights = scans.lines_in(pixels)
    assert [(round(rule.x0), round(rule.x1), round(rule.y)) for rule in rules] == [(18, 198, 36)]
    assert [(round(upright.x), round(upright.top), round(upright.bottom)) for upright in uprights] == [(108, 18, 144)]


@needs_tesseract
def test_a_picture_without_words_gives_none(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (400, 400)).astype(np.uint8)
    assert scans.words_in(noise) == []


def test_a_program_that_fails_gives_no_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "tesseract"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert scans.words_in(np.full((100, 100), 255, dtype=np.uint8)) == []
