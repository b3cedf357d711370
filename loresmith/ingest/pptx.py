"""PPTX as Markdown, slide by slide: titles as headings, lists, tables, the figures behind charts, diagrams, notes.

Shapes stand in the order in which a screen reader says them. Not covered: pictures, animations, comments, what only the
master shows, media, macros.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError

from loresmith.errors import Unreadable
from loresmith.ingest.archives import DAMAGED, check_archive
from loresmith.ingest.markup import first_heading, heading, page_mark, safe_paragraph
from loresmith.ingest.pptx_frames import frame_blocks
from loresmith.ingest.pptx_text import Bullets, paragraph_text, text_blocks
from loresmith.records import Reading

_TITLES = {PP_PLACEHOLDER.CENTER_TITLE: 1, PP_PLACEHOLDER.TITLE: 2, PP_PLACEHOLDER.VERTICAL_TITLE: 2}
"""Heading levels."""
_FURNITURE = frozenset({
    PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER,
})  # fmt: skip
_DEEPEST = 20
"""Groups inside groups."""


class PptxReader:
    """Reads PowerPoint presentations."""

    suffixes: tuple[str, ...] = (".pptx",)

    def read(self, path: Path) -> Reading:
        """The slides in order, each behind its page mark.

        Raises:
            Unreadable: damaged, encrypted, unpacking to an absurd size, declaring XML entities, or without text.
        """
        try:
            check_archive(path)
            presentation = pptx.Presentation(str(path))
            slides = [list(filter(str.strip, _slide(slide))) for slide in presentation.slides]
            named = " ".join((presentation.core_properties.title or "").split())
        except (*DAMAGED, PythonPptxError, etree.LxmlError, KeyError, ValueError, AttributeError) as fault:
            raise Unreadable(path, "damaged, or no PPTX") from fault
        if not any(slides):
            raise Unreadable(path, f"no text on {len(slides)} slides")
        pages = ["\n\n".join([page_mark(number), *blocks]) for number, blocks in enumerate(slides, 1)]
        is_named = len(named) > 3 and named.lower() != "powerpoint presentation"
        title = named if is_named else first_heading(chain.from_iterable(slides)) or path.stem
        return Reading(title=title, markdown="\n\n".join(pages) + "\n", pages=len(slides))


def _slide(slide: Any) -> Iterator[str]:
    """The title, then all other shapes, then the notes."""
    bullets = Bullets(slide)
    shapes = list(_flat(slide.shapes, 0))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    for shape in titles:
        text = " ".join(filter(None, map(paragraph_text, shape.text_frame._txBody.p_lst)))
        if text:
            yield heading(text, _TITLES[_placeholder(shape)])
    for shape in shapes:
        if shape not in titles and _placeholder(shape) not in _FURNITURE:
            yield from _shape(shape, bullets)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        paragraphs = slide.notes_slide.notes_text_frame._txBody.p_lst
        notes = [text for text in map(paragraph_text, paragraphs) if text]
        if notes:
            yield "Notes: " + "\n\n".join([safe_paragraph(notes[0]), *map(safe_paragraph, notes[1:])])


def _shape(shape: Any, bullets: Bullets) -> Iterator[str]:
    if shape.has_text_frame:
        yield from text_blocks(shape, bullets)
    else:
        yield from frame_blocks(shape)


def _flat(shapes: Any, depth: int) -> Iterator[Any]:
    """Every shape, those of groups in the place of the group."""
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < _DEEPEST:
            yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _placeholder(shape: Any) -> Any:
    """The kind of placeholder that the shape is; `None` for any other."""
    return shape.placeholder_format.type if shape.is_placeholder else None
