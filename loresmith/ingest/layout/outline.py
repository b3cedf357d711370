"""The PDF's own table of contents, and which lines of a page are its titles."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice

import pypdfium2 as pdfium

from loresmith.ingest.layout.page import OutlineEntry
from loresmith.ingest.layout.pieces import Piece

_MOST_ENTRIES = 5_000
_NUMBER = re.compile(r"^(?:appendix|section|chapter)?\s*(?:\d{1,2}|[A-Z])(?:\.\d{1,2})*\.?\s+", re.IGNORECASE)
_NOT_WORD = re.compile(r"[\W_]+")
_LONGEST_TITLE = 4
"""Lines."""


def outline_of(document: pdfium.PdfDocument) -> list[OutlineEntry]:
    """Every entry in order; empty when the PDF has no outline or a broken one."""
    entries: list[OutlineEntry] = []
    try:
        for mark in islice(document.get_toc(max_depth=8), _MOST_ENTRIES):
            title = " ".join(mark.get_title().split())
            destination = mark.get_dest()
            index = destination.get_index() if destination else None
            if title:
                entries.append(OutlineEntry(title, mark.level + 1, None if index is None else index + 1))
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return entries
    return entries


def title_key(title: str) -> str:
    """What two spellings of one title share: its letters and digits, without the number in front."""
    plain = unicodedata.normalize("NFKC", title).strip()
    return _NOT_WORD.sub("", _NUMBER.sub("", plain)).lower()


def entries_near(entries: Sequence[OutlineEntry], page: int) -> list[OutlineEntry]:
    """The entries whose titles may stand on a page: those of the page first, then those of the pages beside it.

    TeX often anchors a title at the foot of the page before it.
    """
    here = [entry for entry in entries if entry.page == page or entry.page is None]
    return here + [entry for entry in entries if entry.page is not None and abs(entry.page - page) == 1]


Spans = dict[int, tuple[int, OutlineEntry]]
"""First line of a title in its column -> (line behind the last, entry)."""


def titled_spans(columns: Sequence[Sequence[Piece]], entries: Sequence[OutlineEntry]) -> list[Spans]:
    """Where titles of the outline stand in each column of a page.

    A title that stands there more than once, as in a figure, counts where it is numbered, bold or largest.
    """
    by_key = {title_key(entry.title): entry for entry in reversed(entries)}
    by_key.pop("", None)
    found = [_spans_of(column, by_key) for column in columns]
    best: dict[str, tuple[bool, bool, float]] = {}
    for column, spans in zip(columns, found, strict=True):
        for start, (_, entry) in spans.items():
            best[entry.title] = max(best.get(entry.title, (False, False, 0.0)), _weight(column[start]))
    return [
        {start: span for start, span in spans.items() if _weight(column[start]) == best[span[1].title]}
        for column, spans in zip(columns, found, strict=True)
    ]


def _weight(piece: Piece) -> tuple[bool, bool, float]:
    return bool(_NUMBER.match(piece.text)), piece.is_bold, piece.size


def _spans_of(column: Sequence[Piece], by_key: dict[str, OutlineEntry]) -> Spans:
    spans: Spans = {}
    start = 0
    while start < len(column):
        for end in range(start + 1, min(start + _LONGEST_TITLE, len(column)) + 1):
            if any(piece.stands_alone for piece in column[start:end]):
                break
            entry = by_key.get(title_key(" ".join(piece.text for piece in column[start:end])))
            if entry is not None:
                spans[start] = (end, entry)
                start = end - 1
                break
        start += 1
    return spans
