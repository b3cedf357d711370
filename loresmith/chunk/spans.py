"""The pure core of the stage: a Markdown text to spans that respect headings, tables and code.

Every character that is neither white space nor a page mark lies in a span. No span's text is longer than `size`, except
a single table row that is longer by itself. Spans of prose in one section may share up to `overlap` characters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from loresmith.chunk.blocks import Block, blocks_of, heading_text, is_inner_header, table_head, without_page_marks
from loresmith.sentences import cut_long, sentence_starts

_CAPTION = re.compile(r"^\W{0,3}(?:Table|Tab\.|TABLE)\s+[A-Z]{0,2}\.?\d+[a-z]?\W{0,2}\s*[:.|—–\-*]")


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` under `headings`; `header` is to be repeated before a table that goes on."""

    start: int
    end: int
    kind: Literal["prose", "table"]
    headings: tuple[str, ...] = ()
    page: int | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is not cut any further."""

    start: int
    end: int
    kind: Literal["heading", "prose", "code", "table"]
    page: int | None
    header: str = ""

    def __len__(self) -> int:
        return self.end - self.start + (len(self.header) + 1 if self.header else 0)


def spans(text: str, size: int, overlap: int) -> list[Span]:
    """The spans of `text` in order."""
    made: list[Span] = []
    shared = min(overlap, size // 2)
    for headings, blocks in _sections(text):
        made.extend(_packed(text, headings, _pieces(text, blocks, size, shared), size, shared))
    return made


def shown(text: str, span: Span) -> str:
    """What people and models see of a span: its header if it needs one, and no page marks."""
    body = without_page_marks(text[span.start : span.end])
    return f"{span.header}\n{body}" if span.header else body


def _sections(text: str) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Runs of blocks under one heading path; headings with nothing below them open the section that follows."""
    path: list[tuple[int, str]] = []
    run: list[Block] = []
    for block in blocks_of(text):
        if block.kind == "heading":
            if any(held.kind not in ("heading", "mark") for held in run):
                yield tuple(words for _, words in path), run
                run = []
            path = [step for step in path if step[0] < block.level]
            path.append((block.level, heading_text(text[block.start : block.end])))
        run.append(block)
    if run:
        yield tuple(words for _, words in path), run


def _pieces(text: str, blocks: Sequence[Block], size: int, overlap: int) -> Iterator[_Piece]:
    content = [block for block in blocks if block.kind != "mark"]
    captions = _captions(text, content)
    for index, block in enumerate(content):
        if index in captions.values():
            continue
        if block.kind == "table":
            caption = content[captions[index]] if index in captions else None
            yield from _table_pieces(text, block, caption, size)
        elif block.kind == "heading" and block.end - block.start <= size:
            yield _Piece(block.start, block.end, "heading", block.page)
        elif block.kind == "code":
            yield from _code_pieces(text, block, size)
        else:
            room = size if block.end - block.start <= size else size - overlap  # room for what is repeated before it
            for start, end in cut_long(text[block.start : block.end], room):
                yield _Piece(block.start + start, block.start + end, "prose", block.page)


def _captions(text: str, blocks: Sequence[Block]) -> dict[int, int]:
    """Index of a table to the index of its caption: the paragraph before it, or else the one behind it."""
    found: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind != "table":
            continue
        for beside in (index - 1, index + 1):
            if 0 <= beside < len(blocks) and beside not in found.values() and blocks[beside].kind == "prose":
                near = blocks[beside]
                if _CAPTION.match(text[near.start : near.end]):
                    found[index] = beside
                    break
    return found


def _table_pieces(text: str, table: Block, caption: Block | None, size: int) -> Iterator[_Piece]:
    """The table with its caption in one piece, or runs of rows, each with caption and header to repeat."""
    start, end = table.start, table.end
    page = table.page
    if caption is not None:
        start, end = min(start, caption.start), max(end, caption.end)
        page = caption.page if caption.start < table.start else page
    if end - start <= size:
        yield _Piece(start, end, "table", page)
        return
    title = text[caption.start : caption.end] if caption else ""
    head, rows = table_head(text[table.start : table.end])
    if caption is not None:
        for begin, stop in cut_long(title, size):
            piece = _Piece(caption.start + begin, caption.start + stop, "prose", caption.page)
            if caption.start < table.start:
                yield piece
    yield from _row_pieces(table, head, rows, title, size)
    if caption is not None and caption.start > table.start:
        for begin, stop in cut_long(title, size):
            yield _Piece(caption.start + begin, caption.start + stop, "prose", caption.page)


def _repeatable(title: str, head: str, size: int) -> str:
    """Caption and header as far as they leave half of `size` to the rows."""
    full = f"{title}\n\n{head}" if title else head
    return full if len(full) <= size // 2 else head if len(head) <= size // 2 else ""


def _row_pieces(table: Block, head: str, rows: Sequence[str], title: str, size: int) -> Iterator[_Piece]:
    """Runs of rows with the header that holds for them: below a second header inside the table it is that one."""
    repeated = _repeatable(title, head, size)
    start, header = table.start, repeated.removesuffix(head).rstrip()  # the first run holds the header itself
    end = position = table.start + len(head)
    for row in rows:
        after = position + 1 + len(row)
        room = size - (len(header) + 1 if header else 0)
        if after - start > room and end > start:
            yield _Piece(start, end, "table", table.page, header)
            start, header = position + 1, repeated
        position = end = after
        if is_inner_header(row, head):
            yield _Piece(start, end, "table", table.page, header)
            rule = head.partition("\n")[2]
            repeated = _repeatable(title, f"{row}\n{rule}", size)
            start, header = position + 1, repeated
    if start < end:
        yield _Piece(start, end, "table", table.page, header)


def _code_pieces(text: str, block: Block, size: int) -> Iterator[_Piece]:
    """The code in one piece, or runs of whole lines where it is longer than a span can be."""
    start = position = block.start
    for line in text[block.start : block.end].split("\n"):
        after = position + len(line)
        if after - start > size and position > start:
            yield from _kept_lines(text, start, position - 1, block, size)
            start = position
        position = after + 1
    yield from _kept_lines(text, start, block.end, block, size)


def _kept_lines(text: str, start: int, end: int, block: Block, size: int) -> Iterator[_Piece]:
    for begin, stop in cut_long(text[start:end], size):
        yield _Piece(start + begin, start + stop, "code", block.page)


def _packed(text: str, headings: tuple[str, ...], pieces: Iterator[_Piece], size: int, overlap: int) -> Iterator[Span]:
    """Pieces gathered into spans as full as `size` allows; a table stands alone with the headings right above it."""
    held: list[_Piece] = []
    lead = 0  # characters of the span before, repeated at the front of this one
    for piece in pieces:
        only_headings = all(one.kind == "heading" for one in held)
        start = held[0].start - lead if held else piece.start
        fits = piece.end - start + (len(piece.header) + 1 if piece.header else 0) <= size
        joins = fits and (only_headings or (piece.kind != "table" and held[-1].kind != "table"))
        if held and not joins:
            yield _span(held, headings, lead)
            lead = _overlap(text, held, piece, overlap, size)
            held = []
        held.append(piece)
    if held:
        yield _span(held, headings, lead)


def _span(held: Sequence[_Piece], headings: tuple[str, ...], lead: int) -> Span:
    last = held[-1]
    kind: Literal["prose", "table"] = "table" if last.kind == "table" else "prose"
    return Span(held[0].start - lead, last.end, kind, headings, held[0].page, last.header)


def _overlap(text: str, before: Sequence[_Piece], piece: _Piece, overlap: int, size: int) -> int:
    """How many characters before `piece` to repeat: whole sentences of the prose that came before, or none."""
    last = before[-1]
    if piece.kind == "table" or last.kind != "prose":
        return 0
    earliest = max(last.start + 1, piece.start - overlap, piece.end - size)
    starts = [last.start + start for start in sentence_starts(text[last.start : last.end])]
    return next((piece.start - start for start in starts if start >= earliest), 0)
