"""The straight lines of a page: thin paths, and the pieces that make one line joined.

Only what the page itself draws: lines inside embedded drawings are strokes of figures, in other
coordinates.
"""

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from loresmith.ingest.layout.page import Box, Rule, Upright
from loresmith.ingest.layout.turning import Turn

THIN = 2.2
"""Thickest path that counts as a line."""
_MAX_PATHS = 20_000
"""A map or a scatter plot has more; none of its strokes is a table's."""


def page_rules(page: pdfium.PdfPage, turn: Turn) -> tuple[list[Rule], list[Upright], list[Box]]:
    """Horizontal strokes, vertical lines and the boxes of images."""
    strokes: list[Rule] = []
    uprights: list[Upright] = []
    images: list[Box] = []
    kinds = [pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_IMAGE]
    for count, each in enumerate(page.get_objects(filter=kinds, max_depth=1)):
        if count > _MAX_PATHS:
            return [], [], images
        try:
            box = turn.box(*each.get_bounds())
        except pdfium.PdfiumError:
            continue  # an empty path has no bounds
        width, height = box.x1 - box.x0, box.bottom - box.top
        if each.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images.append(box)
        elif height < THIN and width > 8:
            strokes.append(Rule(box.x0, box.x1, (box.top + box.bottom) / 2))
        elif width < THIN and height > 4:
            uprights.append(Upright((box.x0 + box.x1) / 2, box.top, box.bottom))
    return strokes, uprights, images


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
