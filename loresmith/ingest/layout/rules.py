"""The straight lines of a page: thin paths, and the pieces that make one line joined.

Only what the page itself draws: lines inside embedded drawings are strokes of figures, in other
coordinates.
"""

from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from loresmith.ingest.layout.page import Box, Rule, Upright
from loresmith.ingest.layout.turning import Turn

THIN = 2.2
"""Thickest path that counts as a line."""
_MOST_SHAPES = 1_000
_MAX_PATHS = 20_000
"""A map or a scatter plot has more; none of its strokes is a table's."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn on a page besides words."""

    strokes: list[Rule] = field(default_factory=list)
    """Horizontal lines, piece by piece."""
    uprights: list[Upright] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)


def drawn_on(page: pdfium.PdfPage, turn: Turn) -> Drawn:
    """The page's own lines and other paths."""
    drawn = Drawn()
    for count, each in enumerate(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=1)):
        if count > _MAX_PATHS:
            return Drawn()
        try:
            box = turn.box(*each.get_bounds())
        except pdfium.PdfiumError:
            continue  # an empty path has no bounds
        width, height = box.x1 - box.x0, box.bottom - box.top
        if height < THIN and width > 8:
            drawn.strokes.append(Rule(box.x0, box.x1, (box.top + box.bottom) / 2))
        elif width < THIN and height > 4:
            drawn.uprights.append(Upright((box.x0 + box.x1) / 2, box.top, box.bottom))
        elif len(drawn.shapes) < _MOST_SHAPES:
            drawn.shapes.append(box)
    return drawn


def joined(strokes: list[Rule]) -> list[Rule]:
    """Pieces at one height that touch (within 3 points) as one rule, from top to bottom."""
    rules: list[Rule] = []
    for stroke in sorted(strokes, key=lambda rule: (round(rule.y), rule.x0)):
        for index, rule in enumerate(rules):
            if abs(rule.y - stroke.y) < 1.6 and stroke.x0 <= rule.x1 + 3 and stroke.x1 >= rule.x0 - 3:
                rules[index] = Rule(min(rule.x0, stroke.x0), max(rule.x1, stroke.x1), rule.y)
                break
        else:
            rules.append(stroke)
    return sorted(rules, key=lambda rule: (rule.y, rule.x0))
