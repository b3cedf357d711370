"""Blocks to Markdown; each page begins with its mark."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.markup import heading, page_mark, pipe_table, safe_paragraph, safe_text


def markdown_of(blocks: Sequence[Block], pages: int) -> str:
    """The document as Markdown with a mark for every page, pages without text included."""
    by_page = {number: list(group) for number, group in groupby(blocks, key=lambda block: block.page)}
    parts: list[str] = []
    for number in range(1, pages + 1):
        parts.append(page_mark(number))
        parts.extend(written(by_page.get(number, [])))
    return "\n\n".join(parts) + "\n"


def written(blocks: Sequence[Block]) -> Iterator[str]:
    """One Markdown block each; neighbouring list items make one list."""
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        if kind == "item":
            yield "\n".join("- " + safe_text(block.text) for block in group)
            continue
        for block in group:
            if kind == "heading":
                yield heading(block.text, block.level or 2)
            elif kind == "equation":
                yield f"$$\n{safe_text(block.text)}\n$$"
            elif kind == "footnote":
                yield f"[^{block.label}]: {safe_text(block.text)}"
            elif kind == "table":
                yield pipe_table(block.rows)
            elif block.lead and block.text.startswith(block.lead):
                rest = block.text[len(block.lead) :].lstrip()
                yield f"**{safe_text(block.lead)}** {safe_text(rest)}".rstrip()
            else:
                yield safe_paragraph(block.text)
