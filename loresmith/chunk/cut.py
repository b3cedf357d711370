"""A document to chunk records, and which of them no question should be asked about."""

import hashlib
import re
from collections.abc import Iterator

from loresmith.chunk.spans import shown, spans
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document

_REFERENCES = re.compile(r"^(?:[\dA-Z]{1,3}\.?\s+)?(?:references|bibliography|works cited|literature cited)\W*$", re.I)
_CONTENTS = re.compile(r"^(?:[\dA-Z]{1,3}\.?\s+)?(?:table of )?contents\W*$", re.I)


def chunks_of(document: Document, config: ChunkConfig) -> Iterator[Chunk]:
    """The chunks of `document` in order; `start` and `end` are offsets into its text."""
    for span in spans(document.text, config.size, config.overlap):
        text = shown(document.text, span)
        if not text.strip():
            continue
        yield Chunk(
            id=_identity(document.id, span.start, span.end),
            document=document.id,
            source=document.source,
            title=document.title,
            headings=span.headings,
            page=span.page,
            start=span.start,
            end=span.end,
            kind=span.kind,
            text=text,
        )


def reason_to_drop(chunk: Chunk) -> str | None:
    """Why the chunk can neither answer a question nor be asked about; `None` when it can."""
    if any(_REFERENCES.match(heading) for heading in chunk.headings):
        return "references section"
    if any(_CONTENTS.match(heading) for heading in chunk.headings):
        return "contents page"
    if not re.search(r"\w", chunk.text):
        return "no words"
    return None


def _identity(document: str, start: int, end: int) -> str:
    return hashlib.sha256(f"{document} {start} {end}".encode()).hexdigest()[:16]
