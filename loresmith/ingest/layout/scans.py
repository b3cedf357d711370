"""The words and lines of a scanned page: words by the system's tesseract, lines by their dark pixels.

They enter the layout layer where drawn words and lines enter it, so that paragraphs and tables are built alike.
tesseract is a program of its own (Apache-2.0) and never required. Not covered: bold type, handwriting, pages that lie
askew, and pages that mix drawn words with pictures of words.
"""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache

import numpy as np
import pypdfium2 as pdfium
from lxml import etree
from numpy.typing import NDArray

from loresmith.ingest.layout.page import Rule, Upright, Word

PROGRAM = "tesseract"
INSTALL = "`apt install tesseract-ocr` (Debian), `brew install tesseract` (macOS)"
DPI = 200
"""Enough for 8 point type; at 300 a page takes twice as long."""
PAGE_SECONDS = 120
LEAST_CONFIDENCE = 30
"""Of 100; below it tesseract reads letters into stains and drawings."""
LINE_POINTS = 36.0
"""Shortest run of dark pixels that counts as a line: longer than any stroke of a letter."""
DARK = 200
"""Grey value below which a pixel belongs to a line; thin lines are pale at this resolution."""
_NUMBERS = re.compile(r"(bbox|x_wconf|x_size|baseline) ([-\d. ]+)")

Pixels = NDArray[np.uint8]


def is_installed() -> bool:
    """Whether this machine has tesseract."""
    return shutil.which(PROGRAM) is not None


def pixels_of(page: pdfium.PdfPage) -> Pixels:
    """The page in grey, (height, width), 200 pixels an inch."""
    bitmap = page.render(scale=DPI / 72, grayscale=True)
    try:
        picture: Pixels = bitmap.to_numpy().squeeze().copy()
        return picture
    finally:
        bitmap.close()


def words_in(pixels: Pixels) -> list[Word]:
    """What tesseract reads, in its order; empty where it fails or takes longer than two minutes."""
    from PIL import Image

    picture = io.BytesIO()
    Image.fromarray(pixels).save(picture, "PNG", dpi=(DPI, DPI))
    command = [PROGRAM, "stdin", "stdout", "--dpi", str(DPI), "-l", _languages(), "hocr"]
    try:
        done = subprocess.run(
            command,
            input=picture.getvalue(),
            capture_output=True,
            timeout=PAGE_SECONDS,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # its threads wait for each other: one is faster
        )
    except (subprocess.SubprocessError, OSError):
        return []
    return list(_words(done.stdout))


def lines_in(pixels: Pixels) -> tuple[list[Rule], list[Upright]]:
    """Horizontal and vertical lines: long runs of dark pixels, one line for neighbouring rows."""
    dark = pixels < DARK
    rules = [Rule(_points(start), _points(end), _points(at)) for at, start, end in _runs(dark)]
    uprights = [Upright(_points(at), _points(start), _points(end)) for at, start, end in _runs(dark.T)]
    return rules, uprights


@cache
def _languages() -> str:
    """The languages that are installed, English first; every one more costs time, so at most three."""
    listed = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, text=True, check=False).stdout.split("\n")
    names = [name for name in listed[1:] if name and name not in ("osd", "eng")]
    return "+".join(["eng", *names][:3])


def _words(hocr: bytes) -> Iterator[Word]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(hocr, parser)
    for line in root.iter("{*}span"):
        told = _told(line)
        if "x_size" not in told or "bbox" not in told:
            continue
        size = told["x_size"][0] * 72 / DPI
        x0, _, _, bottom = told["bbox"]
        slope, offset = told.get("baseline", (0.0, 0.0))
        for word in line.iter("{*}span"):
            box, text = _told(word), "".join(word.itertext()).strip()
            if word is line or not text or box.get("x_wconf", [0.0])[0] < LEAST_CONFIDENCE:
                continue
            left, top, right, low = box["bbox"]
            baseline = bottom + offset + slope * (left - x0)
            yield Word(
                text=text,
                x0=_points(left),
                x1=_points(right),
                top=_points(top),
                bottom=_points(low),
                baseline=_points(baseline),
                size=size,
                bold=False,
                italic=False,
                font="scan",
            )


def _told(element: etree._Element) -> dict[str, list[float]]:
    """The numbers that hOCR keeps in an element's title."""
    return {name: [float(n) for n in numbers.split()] for name, numbers in _NUMBERS.findall(element.get("title") or "")}


def _runs(dark: NDArray[np.bool_]) -> Iterator[tuple[float, float, float]]:
    """(middle row, first column, column behind the last) of every line of at most five rows."""
    least = int(LINE_POINTS * DPI / 72)
    open_lines: list[list[int]] = []  # [first row, last row, start, end]
    for row in np.flatnonzero(dark.sum(axis=1) >= least):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], dark[row].view(np.int8), [0]])))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start < least:
                continue
            for line in open_lines:
                if row - line[1] <= 2 and start < line[3] and end > line[2]:
                    line[1:] = [int(row), min(line[2], int(start)), max(line[3], int(end))]
                    break
            else:
                open_lines.append([int(row), int(row), int(start), int(end)])
    for first, last, start, end in open_lines:
        if last - first < 5:  # thicker is a bar or the edge of a picture
            yield (first + last) / 2, start, end


def _points(pixels: float) -> float:
    return pixels * 72 / DPI
