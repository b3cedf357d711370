"""Paragraphs that the end of a column or of a page cuts: their halves joined, and nothing put between them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.hyphens import Vocabulary, joined_lines

_REFERENCES = re.compile(r"(?:\[\^[^\]\s]+\])+$")


def cut_paragraph(blocks: Sequence[Block], following: Block) -> int | None:
    """Index of the paragraph that `following` goes on with: cut by the end of its column, it ends without a stop.

    Tables, captions and notes may stand between the two.
    """
    if following.kind != "paragraph" or not following.text[:1].islower():
        return None
    index = _last_of_text(blocks)
    if index is None:
        return None
    block = blocks[index]
    elsewhere = following.box.top < block.box.top or following.box.x0 > block.box.x1 - 5
    return index if is_cut(block) and elsewhere else None


def continued(block: Block, following: Block, vocabulary: Vocabulary) -> Block:
    """`block` with the text of `following`."""
    return replace(block, text=joined_lines([block.text, following.text], vocabulary))


def is_cut(block: Block) -> bool:
    """Whether it is a paragraph or an item that ends without a stop."""
    return block.kind in ("paragraph", "item") and _REFERENCES.sub("", block.text)[-1:] not in ".:;?!”\"'"


def with_footnotes(blocks: Sequence[Block], notes: Sequence[Block]) -> list[Block]:
    """The blocks of a page with its footnotes behind them, but before a paragraph that may go on on the next page.

    A last heading, list or formula stays with what it belongs to.
    """
    if not notes:
        return list(blocks)
    last = _last_of_text(blocks)
    place = last if last is not None and is_cut(blocks[last]) else len(blocks)
    while place and _belong_together(blocks[place - 1], blocks[place] if place < len(blocks) else None):
        place -= 1
    return [*blocks[:place], *notes, *blocks[place:]]


def _last_of_text(blocks: Sequence[Block]) -> int | None:
    """Index of the last block that is no table, caption or note."""
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if not (block.kind == "table" or CAPTION.match(block.text) or block.text.startswith("^")):
            return index
    return None


def _belong_together(above: Block, below: Block | None) -> bool:
    if above.kind == "heading":
        return True
    if below is None:
        return False
    is_led_in = above.kind == "paragraph" and above.text.endswith(":")
    return "equation" in (above.kind, below.kind) or (below.kind == "item" and (is_led_in or above.kind == "item"))
