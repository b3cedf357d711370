"""The sources of an answer as cards: number, document, page, verbatim quote, and why the passage was found."""

from loresmith.records import Answer, Citation, Passage
from loresmith.serve.documents.address import address
from loresmith.serve.page.text import opening, plain, quoted

LONGEST_PREVIEW = 180
"""Characters of a passage that was read and not cited."""
NOTHING_ASKED = (
    '<p class="quiet">The passages behind an answer appear here, with document, page and the exact words.</p>'
)
NOTHING_FOUND = '<p class="quiet">No passage of the documents fits this question.</p>'
READING = '<p class="quiet">Looking through the documents …</p>'


def cards(answer: Answer, *, can_open: bool = False) -> str:
    """HTML of the citations of `answer`, then of the passages that were read beside them.

    Where documents `can_open`, each card leads to its passage.
    """
    if not answer.passages:
        return NOTHING_FOUND
    cited = {citation.number for citation in answer.citations}
    shown = [_cited(citation, _passage(answer, citation), can_open) for citation in answer.citations]
    beside = [_beside(number, one, can_open) for number, one in enumerate(answer.passages, 1) if number not in cited]
    if not shown:
        shown = ['<p class="quiet">The answer cites none of the passages that were read.</p>']
    if beside:
        is_open = "" if cited else " open"
        shown.append(f"<details{is_open}><summary>Also read ({len(beside)})</summary>{''.join(beside)}</details>")
    return f'<div class="sources">{"".join(shown)}</div>'


def why(passage: Passage) -> str:
    """The ranks that a passage had in each search, in words."""
    ranks = (("by meaning", passage.dense_rank), ("by words", passage.lexical_rank))
    found = [f"{how}: rank {rank}" for how, rank in ranks if rank is not None]
    return " · ".join(found) or "found by fusion"


def _cited(citation: Citation, passage: Passage | None, can_open: bool) -> str:
    reason = f'<div class="why">{why(passage)}</div>' if passage else ""
    chunk = passage.chunk if passage else None
    link = address(citation.document, citation.quote, citation.page, chunk) if can_open else None
    return (
        f'<article class="source">{_head(str(citation.number), citation.source, citation.page, link)}'
        f"<blockquote>{plain(quoted(citation.quote))}</blockquote>{reason}</article>"
    )


def _beside(number: int, passage: Passage, can_open: bool) -> str:
    text = quoted(passage.text)
    preview = text if len(text) <= LONGEST_PREVIEW else text[:LONGEST_PREVIEW].rsplit(" ", 1)[0] + " …"
    link = address(passage.document, "", passage.page, passage.chunk) if can_open else None
    return (
        f'<article class="source beside">{_head(str(number), passage.source, passage.page, link)}'
        f'<div class="preview">{plain(preview)}</div><div class="why">{why(passage)}</div></article>'
    )


def _head(mark: str, source: str, page: int | None, link: str | None) -> str:
    where = f'<span class="page">page {page}</span>' if page is not None else ""
    name = f'<span class="name">{plain(source)}</span>'
    if link is not None:
        name = opening(link, name, f"Open {source} at the passage [{mark}]")
    return f'<header><span class="mark">{mark}</span>{name}{where}</header>'


def _passage(answer: Answer, citation: Citation) -> Passage | None:
    """Citation `[n]` is bound to the n-th passage."""
    index = citation.number - 1
    return answer.passages[index] if 0 <= index < len(answer.passages) else None
