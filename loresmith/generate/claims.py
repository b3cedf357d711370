"""A claim: a fact as a finder sees it, with the wordings in which it can be asked."""

import hashlib
from dataclasses import dataclass

from loresmith.records import Chunk, Evidence, Fact


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
    also: tuple[tuple[Chunk, str], ...] = ()
    """Further quotes that the claim rests on, each with the chunk in whose text it stands verbatim."""
    stated: str = ""
    """The claim as a sentence with `____` for the answer; empty where another answer could be right as well."""
    is_long: bool = False
    """The answer is a sentence or a paragraph."""
    about: tuple[str, ...] = ()
    """Words of which one stands in every line of the document that speaks of the same thing."""


def fact_of(claim: Claim, chunk: Chunk) -> Fact:
    """The claim as a record; its place in the document is the chunk's until it has been looked up."""
    further = (part for other, quote in claim.also for part in (other.document, quote))
    basis = "\x1f".join((chunk.document, claim.kind, claim.quote, claim.subject, claim.answer, *further))
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
        also=tuple(_evidence(quote, other) for other, quote in claim.also),
        form="long" if claim.is_long else "short",
    )


def _evidence(quote: str, chunk: Chunk) -> Evidence:
    return Evidence(
        chunk=chunk.id,
        document=chunk.document,
        source=chunk.source,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        quote=quote,
    )
