"""The passage behind a question as plain text, cut where a quote begins and ends."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loresmith.records import Chunk

_PAGE_MARK = re.compile(r"[ \t]*<!-- page (\d+) -->[ \t]*")
_MARK_LINE = re.compile(r"\s*<!-- page \d+ -->\s*")

Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A run of characters, quoted or not."""

    text: str
    is_quote: bool


@dataclass(frozen=True)
class Passage:
    """A chunk as a reviewer sees it."""

    source: str
    page: int | None
    headings: tuple[str, ...]
    is_table: bool
    pieces: tuple[Piece, ...]


def passage_of(chunk: Chunk, text: str, spans: Sequence[Span], page: int | None) -> Passage:
    """`chunk` of the document `text` with the quotes at `spans` set apart; spans outside it are left out.

    A table that was cut shows the header that its chunk repeats.
    """
    pieces = tuple(piece for piece in (*_header(chunk, text), *_body(chunk, text, spans)) if piece.text)
    return Passage(chunk.source, page, chunk.headings, chunk.kind == "table", pieces)


def _header(chunk: Chunk, text: str) -> Iterator[Piece]:
    body = _MARK_LINE.sub("\n", text[chunk.start : chunk.end]).strip()
    first = body.partition("\n")[0]
    before = chunk.text.partition(first)[0] if first in chunk.text else ""
    if before.strip():
        yield Piece(before.rstrip("\n") + "\n", is_quote=False)


def _body(chunk: Chunk, text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    at = chunk.start
    for start, end in _merged(span for span in spans if chunk.start <= span[0] < span[1] <= chunk.end):
        yield Piece(_with_page_lines(text[at:start]), is_quote=False)
        yield Piece(text[start:end], is_quote=True)
        at = end
    yield Piece(_with_page_lines(text[at : chunk.end]), is_quote=False)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order, those that overlap as one: a comparison quotes a row, and the column that it stands in."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _with_page_lines(text: str) -> str:
    return _PAGE_MARK.sub(r"— page \1 —", text)
