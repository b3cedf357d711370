"""Contents pages: lists of titles with page numbers, which only repeat the headings. They are dropped."""

import re
from collections.abc import Collection

from loresmith.ingest.layout.outline import title_key
from loresmith.ingest.layout.pieces import Piece

_LEADER = re.compile(r"(?:\.\s?){5,}")
_PAGE_NUMBER = re.compile(r"\s*(?:[.·…]\s*)*(?:\d{1,4}|[ivxlc]+)$")
_TITLE = re.compile(r"(table of )?contents|list of (figures|tables)", re.IGNORECASE)
_FEWEST_LINES = 4
_MIN_SHARE = 0.6
"""Of the pieces between the first and the last entry."""


def is_contents_line(text: str) -> bool:
    """Whether the text holds dot leaders, as between a title and its page number."""
    return bool(_LEADER.search(text))


def without_contents(pieces: list[Piece], titles: Collection[str]) -> list[Piece]:
    """The pieces of a page without its list of contents; `titles` are the keys of the outline's titles.

    A list of contents has at least four lines with dot leaders, or four that are a title of the outline and a number.
    """
    entries = [piece for piece in pieces if piece.table is None and _is_entry(piece, titles)]
    if len(entries) < _FEWEST_LINES:
        return pieces
    leaders = [piece for piece in entries if is_contents_line(piece.text)]
    numbers = [piece for piece in pieces if piece.table is None and _PAGE_NUMBER.fullmatch(piece.text)]
    if len(leaders) < _FEWEST_LINES and len(numbers) + _numbered(entries) < _FEWEST_LINES:
        return pieces
    headings = [piece.top for piece in pieces if piece.table is None and _TITLE.fullmatch(piece.text.strip())]
    top = min([*headings, *(piece.top for piece in entries)])
    bottom = max(piece.bottom for piece in [*entries, *numbers])
    inside = [piece for piece in pieces if top <= piece.top and piece.bottom <= bottom + 1]
    if len(entries) + len(numbers) < _MIN_SHARE * len(inside):
        return pieces
    return [piece for piece in pieces if piece not in inside]


def _is_entry(piece: Piece, titles: Collection[str]) -> bool:
    text = piece.text
    return is_contents_line(text) or title_key(_PAGE_NUMBER.sub("", text)) in titles


def _numbered(entries: list[Piece]) -> int:
    return sum(bool(_PAGE_NUMBER.search(piece.text)) for piece in entries)
