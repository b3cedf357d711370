"""A claim: a fact as a finder sees it, with the wordings in which it can be asked."""

import hashlib
from dataclasses import dataclass

from loresmith.records import Chunk, Fact


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a chunk says."""

    kind: str
    quote: str
    """Verbatim in the chunk's text."""
    subject: str
    answer: str
    asked: tuple[str, ...]
    """Short-answer questions, the plainest first; each can stand alone."""
    rivals: tuple[str, ...] = ()
    """Wrong answers of the same kind that stand close by, such as the other cells of the column."""


def fact_of(claim: Claim, chunk: Chunk) -> Fact:
    """The claim as a record; its place in the document is the chunk's until it has been looked up."""
    basis = "\x1f".join((chunk.document, claim.kind, claim.quote, claim.subject, claim.answer))
    return Fact(
        id=hashlib.sha256(basis.encode()).hexdigest()[:16],
        chunk=chunk.id,
        document=chunk.document,
        source=chunk.source,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        quote=claim.quote,
        kind=claim.kind,
        subject=claim.subject,
        answer=claim.answer,
    )
