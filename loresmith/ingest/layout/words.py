"""The words of a PDF page, with type and place, read character by character from PDFium.

PDFium hands out UTF-16 units: letters beyond the basic plane (mathematical alphabets) come as surrogate pairs and are
joined here. Ligatures and full-width forms are normalised to plain letters (NFKC). Turned text (stamps on the margin,
axis titles) is left out. No OCR: a page without characters has no words.
"""

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from loresmith.ingest.layout.accents import COMBINING, composed, overlap
from loresmith.ingest.layout.page import Box, Word
from loresmith.ingest.layout.turning import Turn

LINE_END_HYPHENS = frozenset({0x02, 0xFFFE, 0xAD})
"""How PDFium marks a hyphen at a line's end, and the soft hyphen."""

_BOLD = re.compile(r"bold|medi|black|heavy|cmbx|-md", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obli|cmti|cmmi|slant", re.IGNORECASE)
_FIXED_PITCH = re.compile(r"mono|nimbusmon|courier|cmtt|sftt|typewriter|consol", re.IGNORECASE)
_SPACE = 0.25
"""Gap between the inks of two letters, in type sizes, above which they may be of two words."""
_TOUCHING = 0.07
"""Gap between the inks of two letters, in type sizes, below which no space is believed."""
_ADVANCE_SPACE = 0.1
"""Gap beyond the letter's own width, in type sizes, from which they are."""
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True)
class _Type:
    """What all characters of one text object share."""

    size: float
    font: str
    bold: bool
    italic: bool
    turned: bool
    nested: bool
    is_fixed_pitch: bool


@dataclass(slots=True)
class _Glyph:
    """One character with its place on the page as shown."""

    char: str
    box: Box
    baseline: float
    line_end_hyphen: bool
    type: _Type
    index: int
    after_guess: bool
    """PDFium put a space in front of it that the PDF does not have."""


class _Glyphs:
    """Walks over the characters of one text page."""

    def __init__(self, text_page: pdfium.PdfTextPage, own_objects: set[int], turn: Turn) -> None:
        self.raw = text_page.raw
        self.turn = turn
        self.count = pdfium_c.FPDFText_CountChars(self.raw)
        self.own_objects = own_objects
        self.types: dict[int, _Type] = {}
        self.numbers = [ctypes.c_double() for _ in range(6)]
        self.loose = pdfium_c.FS_RECTF()

    def __iter__(self) -> Iterator[_Glyph | None]:
        """Each drawn character, and `None` for what parts words."""
        high, guessed = 0, False
        for index in range(self.count):
            unit = pdfium_c.FPDFText_GetUnicode(self.raw, index)
            if 0xD800 <= unit < 0xDC00:
                high = unit
                continue
            if 0xDC00 <= unit < 0xE000:
                if not high:
                    continue  # half a pair says nothing
                unit, high = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00), 0
            char = "-" if unit in LINE_END_HYPHENS else chr(unit)
            if char.isspace() or unicodedata.category(char) in ("Cc", "Co", "Cn"):
                guessed = pdfium_c.FPDFText_IsGenerated(self.raw, index) == 1
                if not guessed:
                    yield None
                continue
            glyph = self._at(index, unit, char, after_guess=guessed)
            guessed = False
            yield None if glyph.type.turned else glyph

    def advance_gap(self, left: _Glyph, right: _Glyph) -> float:
        """Points between two glyphs beyond the width that the font gives the left one."""
        return self._loose_box(right).x0 - self._loose_box(left).x1

    def _loose_box(self, glyph: _Glyph) -> Box:
        pdfium_c.FPDFText_GetLooseCharBox(self.raw, glyph.index, self.loose)
        return self.turn.box(self.loose.left, self.loose.bottom, self.loose.right, self.loose.top)

    def _at(self, index: int, unit: int, char: str, *, after_guess: bool) -> _Glyph:
        """The glyph of character `index`."""
        left, right, bottom, top, x, y = self.numbers
        pdfium_c.FPDFText_GetCharOrigin(self.raw, index, x, y)
        pdfium_c.FPDFText_GetCharBox(self.raw, index, left, right, bottom, top)
        return _Glyph(
            char=char,
            box=self.turn.box(left.value, bottom.value, right.value, top.value),
            baseline=self.turn.point(x.value, y.value)[1],
            line_end_hyphen=unit in LINE_END_HYPHENS,
            type=self._type(index),
            index=index,
            after_guess=after_guess,
        )

    def _type(self, index: int) -> _Type:
        text_object = pdfium_c.FPDFText_GetTextObject(self.raw, index)
        key = ctypes.addressof(text_object.contents) if text_object else 0
        if key not in self.types:
            self.types[key] = self._read_type(index, text_object, nested=bool(key) and key not in self.own_objects)
        return self.types[key]

    def _read_type(self, index: int, text_object: object, *, nested: bool) -> _Type:
        size = pdfium_c.FPDFText_GetFontSize(self.raw, index)
        matrix = pdfium_c.FS_MATRIX()
        if text_object and pdfium_c.FPDFPageObj_GetMatrix(text_object, matrix):
            size *= max(abs(matrix.d), abs(matrix.b), 1e-3)  # the font size is before the text matrix
        buffer, flags = ctypes.create_string_buffer(256), ctypes.c_int()
        pdfium_c.FPDFText_GetFontInfo(self.raw, index, buffer, 256, flags)
        font = _SUBSET.sub("", buffer.value.decode("latin-1"))
        angle = pdfium_c.FPDFText_GetCharAngle(self.raw, index)  # radians, 0 to 2 pi
        return _Type(
            size=max(size, 0.5),
            font=font,
            bold=pdfium_c.FPDFText_GetFontWeight(self.raw, index) >= 600 or bool(_BOLD.search(font)),
            italic=bool(_ITALIC.search(font)),
            turned=not self.turn.is_level(angle),
            nested=nested,
            is_fixed_pitch=bool(flags.value & 1) or bool(_FIXED_PITCH.search(font)),
        )


def page_words(page: pdfium.PdfPage, turn: Turn) -> list[Word]:
    """Every level word of the page in the order in which the PDF draws them."""
    own = {
        ctypes.addressof(each.raw.contents)
        for each in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=1)
    }
    text_page = page.get_textpage()
    try:
        runs = _runs(_Glyphs(text_page, own, turn))
    finally:
        text_page.close()
    return [word for word in map(_word, runs) if word.text]


def _runs(glyphs: _Glyphs) -> list[list[_Glyph]]:
    """Glyphs grouped into words; accents already stand on their letters."""
    runs: list[list[_Glyph]] = []
    run: list[_Glyph] = []
    reach = 0.0  # how far the run's ink goes to the right
    pending: _Glyph | None = None  # an accent that may belong to the next letter
    for glyph in glyphs:
        if glyph is None:
            run = []
            continue
        if run and glyph.char in COMBINING and _absorbed(run[-1], accent=glyph):
            continue
        if pending is not None and run and run[-1] is pending and _absorbed(glyph, accent=pending):
            run[-1] = glyph
            reach = max(each.box.x1 for each in run)
            pending = None
            continue
        if run and _continues(run[-1], reach, glyph, glyphs):
            run.append(glyph)
            reach = max(reach, glyph.box.x1)
        else:
            run, reach = [glyph], glyph.box.x1
            runs.append(run)
        pending = glyph if glyph.char in COMBINING else None
    return _without_strays(runs)


def _without_strays(runs: list[list[_Glyph]]) -> list[list[_Glyph]]:
    """Accents that the PDF draws after the rest of their line go to the letter that they stand over."""
    strays = {id(run): run[0] for run in runs if len(run) == 1 and run[0].char in COMBINING}
    if not strays:
        return runs
    letters = [glyph for run in runs if id(run) not in strays for glyph in run if glyph.char.isalpha()]
    placed = {key for key, accent in strays.items() if any(_stands_over(accent, letter) for letter in letters)}
    return [run for run in runs if id(run) not in placed]


def _stands_over(accent: _Glyph, letter: _Glyph) -> bool:
    """Put `accent` on `letter` if they share line and size and its middle is over it; whether that happened."""
    middle, size = (accent.box.x0 + accent.box.x1) / 2, letter.type.size
    if abs(accent.baseline - letter.baseline) > 0.3 * size or abs(accent.type.size - size) > 0.5:
        return False
    return letter.box.x0 <= middle <= letter.box.x1 and _absorbed(letter, accent=accent)


def _absorbed(letter: _Glyph, *, accent: _Glyph) -> bool:
    """Put `accent` on `letter` if it is drawn over it; whether that happened."""
    if overlap((letter.box.x0, letter.box.x1), (accent.box.x0, accent.box.x1)) < 0.5:
        return False
    joined = composed(letter.char, accent.char)
    if joined is None:
        return False
    letter.char = joined
    return True


def _continues(last: _Glyph, reach: float, glyph: _Glyph, glyphs: _Glyphs) -> bool:
    """Whether `glyph` goes on with the word of `last`: same baseline and size, no gap as wide as a space."""
    size = glyph.type.size
    same_line = abs(last.baseline - glyph.baseline) < 0.05 * size + 0.3 and abs(last.type.size - size) < 0.5
    gap = glyph.box.x0 - reach
    if not same_line or not -0.6 * size <= gap < 0.8 * size:
        return False
    if gap < _SPACE * size and not glyph.after_guess:
        return True
    if last.char.isalpha() and glyph.char.isalpha() and not last.type.is_fixed_pitch:
        return gap < _TOUCHING * size  # a slanted letter leans over the space behind it, but never fills it
    return glyphs.advance_gap(last, glyph) < _ADVANCE_SPACE * size  # `1` and `.` are narrower than their place


def _word(run: list[_Glyph]) -> Word:
    first = run[0]
    text = unicodedata.normalize("NFKC", "".join(glyph.char for glyph in run)).translate(_INVISIBLE)
    baseline, size = first.baseline, first.type.size
    return Word(
        text="".join(text.split()),
        x0=first.box.x0,
        x1=max(glyph.box.x1 for glyph in run),
        top=min(baseline - 0.45 * size, *(glyph.box.top for glyph in run)),
        bottom=max(baseline, *(glyph.box.bottom for glyph in run)),
        baseline=baseline,
        size=size,
        bold=first.type.bold,
        italic=first.type.italic,
        font=first.type.font,
        nested=first.type.nested,
        hyphenated=run[-1].line_end_hyphen,
    )
