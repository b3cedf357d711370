"""Running heads and feet, and page numbers: what stands in the same place on page after page."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from loresmith.ingest.layout.page import Page, Rule
from loresmith.ingest.layout.pieces import Piece

_MARGIN = 0.09
"""Share of the page height at the top and at the bottom in which running lines stand."""
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(page\s*)?[#\d\s|ivxlc/–-]+(of\s*\d+)?", re.IGNORECASE)


def without_running_lines(pages: Sequence[tuple[float, list[Piece]]]) -> list[list[Piece]]:
    """The pieces of each (page height, pieces) without those that repeat, digits aside, at the same height on 3 pages.

    Two pages are enough in a document of at most five. Lines at the margin that are only a number go too.
    """
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, (height, pieces) in enumerate(pages):
        for piece in pieces:
            if _in_margin(piece, height):
                seen[_key(piece)].add(number)
    needed = min(3, max(2, len(pages) // 2))
    running = {key for key, numbers in seen.items() if len(numbers) >= needed}
    return [
        [piece for piece in pieces if not (_in_margin(piece, height) and _is_running(piece, running))]
        for height, pieces in pages
    ]


def without_running_rules(pages: Sequence[Page]) -> list[Page]:
    """The pages without horizontal rules that stand in the same place of the margin on at least 3 pages."""
    places = Counter(
        place for page in pages for place in {_place(rule) for rule in page.rules if _is_outer(rule, page)}
    )
    running = {place for place, count in places.items() if count >= 3}

    def kept(rules: list[Rule], page: Page) -> list[Rule]:
        return [rule for rule in rules if not (_is_outer(rule, page) and _place(rule) in running)]

    return [replace(page, rules=kept(page.rules, page), strokes=kept(page.strokes, page)) for page in pages]


def _is_outer(rule: Rule, page: Page) -> bool:
    return rule.length > 0.3 * page.width and not 0.12 * page.height < rule.y < 0.88 * page.height


def _place(rule: Rule) -> tuple[int, int, int]:
    return round(rule.x0 / 3), round(rule.x1 / 3), round(rule.y / 2)


def _in_margin(piece: Piece, height: float) -> bool:
    return piece.table is None and not _MARGIN * height <= piece.baseline <= (1 - _MARGIN) * height


def _key(piece: Piece) -> tuple[str, int]:
    return _DIGITS.sub("#", piece.text), round(piece.baseline / 6)


def _is_running(piece: Piece, running: set[tuple[str, int]]) -> bool:
    return _key(piece) in running or bool(_PAGE_NUMBER.fullmatch(piece.text))
