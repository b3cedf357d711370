"""Blocks: what a page says, in reading order. This is what Markdown is written from."""

from dataclasses import dataclass
from typing import Literal

from loresmith.ingest.layout.page import Box

Kind = Literal["heading", "paragraph", "item", "table", "equation", "footnote"]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table, formula or footnote with its place."""

    kind: Kind
    page: int
    box: Box
    text: str
    """Plain text; empty for a table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table; the first is the header."""
    header_rows: int = 1
    """Of a table: how many of its first rows hold titles."""
    level: int | None = None
    """Of a heading: 1 is the outermost; `None` while it is only a guess."""
    label: str = ""
    """Of a footnote: the mark by which the text refers to it, unlike those of all others."""
    lead: str = ""
    """Bold words at the start of a paragraph that name it."""
    size: float = 0.0
    """Type size in points."""
    font: str = ""
    is_certain: bool = False
    """A heading that the PDF's outline names."""
