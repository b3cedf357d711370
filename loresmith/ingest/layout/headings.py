"""Which paragraphs are headings, and of which level.

The PDF's outline decides where it can. Without one, a short paragraph in bold or large type is a guess, and a guess
counts only if its type is that of numbered headings (where the document numbers them) or its words are a usual title.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.contents import is_contents_line
from loresmith.ingest.layout.paragraphs import SECTION_NUMBER, Paragraph
from loresmith.ingest.layout.pieces import is_all_bold

DEEPEST = 6
"""Of Markdown."""
_TITLE_BLOCKS = 12
"""Blocks among which the document's title stands."""
_USUAL = re.compile(
    r"(abstract|references|contents|acknowledg|bibliography|appendi|conclusion|introduction|related work|limitations)",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"[=∑∏∫√∈≤≥θπ]")
_LETTERS = re.compile(r"[^\W\d_]{3}")


def looks_like_heading(paragraph: Paragraph, text: str, body_size: float) -> bool:
    """Whether type, length and place are those of a heading; what the words say is not asked."""
    if len(paragraph.lines) > 3 or len(text) >= 160 or text.rstrip().endswith((",", ";")):
        return False
    if not _LETTERS.search(text) or is_contents_line(text) or CAPTION.match(text) or _FORMULA.search(text):
        return False
    size = max(line.size for line in paragraph.lines)
    numbered, large = bool(SECTION_NUMBER.match(text)), size > 1.12 * body_size
    if large and (numbered or len(text) < 120):
        return True
    if not is_all_bold(paragraph.words):
        return False
    alone = paragraph.gap_above is None or paragraph.gap_above > 1.25
    standing = size >= 0.98 * body_size and (large or len(text) < 80) and not text.endswith(".") and alone
    return numbered or standing


def number_depth(text: str) -> int | None:
    """1 for `3 Method`, 2 for `3.1 Data`; `None` without a number."""
    number = SECTION_NUMBER.match(text)
    return number[1].count(".") + 1 if number else None


def with_headings_settled(blocks: Sequence[Block]) -> list[Block]:
    """Blocks whose headings all have a level; guesses that do not hold are paragraphs with a bold lead."""
    title = _document_title(blocks)
    has_outline = sum(block.is_certain for block in blocks) >= 3
    numbered = Counter(_type(b) for b in blocks if b.kind == "heading" and number_depth(b.text) is not None)
    has_numbers = numbered.total() >= 4
    settled: list[Block] = []
    typical = _typical_sizes(blocks)
    for block in blocks:
        if block.kind != "heading":
            settled.append(block)
        elif block is title:
            settled.append(replace(block, level=1))
        elif block.is_certain:
            settled.append(replace(block, level=min(DEEPEST, (block.level or 1) + 1)))
        elif _USUAL.match(_unnumbered(block.text)) or not (has_outline or (has_numbers and numbered[_type(block)] < 2)):
            settled.append(replace(block, level=min(DEEPEST, _level(block, typical) + 1)))
        else:
            settled.append(replace(block, kind="paragraph", level=None, lead=block.text))
    return settled


def _unnumbered(text: str) -> str:
    return SECTION_NUMBER.sub("", text)


def _type(block: Block) -> tuple[str, int]:
    return block.font, round(block.size)


def _document_title(blocks: Sequence[Block]) -> Block | None:
    """The largest heading among the first blocks of page 1, above the first section."""
    early: list[Block] = []
    for block in blocks[:_TITLE_BLOCKS]:
        if block.page > 1 or block.is_certain or (block.kind == "heading" and _USUAL.match(block.text)):
            break
        if block.kind == "heading" and (number_depth(block.text) is None or block.text.startswith("A ")):
            early.append(block)
    return max(early, key=lambda block: block.size, default=None)


def _typical_sizes(blocks: Sequence[Block]) -> dict[int, float]:
    """Mean type size of the headings whose level is known, by level."""
    sizes: dict[int, list[float]] = defaultdict(list)
    for block in blocks:
        depth = number_depth(block.text) if block.kind == "heading" else None
        if depth is not None:
            sizes[depth].append(block.size)
        elif block.is_certain and block.level is not None:
            sizes[block.level].append(block.size)
    return {depth: sum(each) / len(each) for depth, each in sorted(sizes.items())}


def _level(block: Block, typical: dict[int, float]) -> int:
    """Level of a guessed heading: by its number, else the deepest level whose headings are no smaller."""
    depth = number_depth(block.text)
    if depth is not None:
        return depth
    return max((level for level, size in typical.items() if block.size <= size + 0.3), default=1)
