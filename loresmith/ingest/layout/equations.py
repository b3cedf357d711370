"""Display equations: the scattered pieces of one formula become one piece, so that they cut no prose.

Its text is the formula's letters line by line from left to right, plain Unicode. It is not LaTeX: what stands over and
under a fraction bar is not told apart.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from loresmith.ingest.layout.page import Word
from loresmith.ingest.layout.pieces import Piece, line_piece

_MATH_FONT = re.compile(
    r"cmmi|cmsy|cmex|cmbsy|msbm|msam|math|symbol|stix|xits|eufm|rsfs|mtsy|mtmi|txsy|pxsy", re.IGNORECASE
)
_OPERATOR = re.compile(r"[=<>≤≥≈∼∈∑∏∫√∂∇×·→∞±∝≜≡∥|∗⊙⊕]")
_NAME = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_FUNCTIONS = re.compile(
    r"(?:arg)?(?:max|min)|log|exp|softmax|clip|sin|cos|tanh?|lim|sum|sqrt|sigmoid|relu|var|std|mean"
)
_NUMBER = re.compile(r"\(\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,2})?[a-z]?\s*\)")
_MIN_SHARE = 0.5
"""Of the letters of a piece that must belong to formulas."""


def with_equations_whole(pieces: list[Piece], body_size: float) -> list[Piece]:
    """The pieces of a page with the parts of each display equation put together; prose and tables as they are."""
    parts = [piece for piece in pieces if piece.table is None and _is_formula(piece)]
    prose = [piece for piece in pieces if piece.table is None and piece not in parts and len(piece.words) > 3]
    merged: list[Piece] = []
    used: set[int] = set()
    for group in _groups(parts, body_size):
        numbers = [piece for piece in pieces if _NUMBER.fullmatch(piece.text) and _is_level(piece, group)]
        if not _is_displayed(group, numbers, prose, body_size):
            continue
        used.update(id(piece) for piece in [*group, *numbers])
        merged.append(_whole([piece for piece in group if piece not in numbers], numbers))
    return [piece for piece in pieces if id(piece) not in used] + merged


def _is_formula(piece: Piece) -> bool:
    letters = sum(len(word.text) for word in piece.words)
    formal = sum(len(word.text) for word in piece.words if _is_formal(word))
    return formal >= _MIN_SHARE * letters and (
        len(piece.words) <= 3 or any(_is_mathematical(word) for word in piece.words)
    )


def _is_formal(word: Word) -> bool:
    """Whether the word can stand in a formula: no name but that of a function."""
    return bool(_MATH_FONT.search(word.font)) or not _NAME.search(_FUNCTIONS.sub("", word.text))


def _is_mathematical(word: Word) -> bool:
    return bool(_MATH_FONT.search(word.font)) or bool(_OPERATOR.search(word.text))


def _groups(parts: Sequence[Piece], body_size: float) -> list[list[Piece]]:
    """Parts that are close to each other, transitively."""
    groups: list[list[Piece]] = []
    for part in sorted(parts, key=lambda piece: piece.top):
        near = [group for group in groups if any(_are_close(part, other, body_size) for other in group)]
        groups = [group for group in groups if not any(group is other for other in near)]
        groups.append([piece for group in near for piece in group] + [part])
    return groups


def _are_close(a: Piece, b: Piece, body_size: float) -> bool:
    apart = max(a.x0, b.x0) - min(a.x1, b.x1)
    return max(a.top, b.top) - min(a.bottom, b.bottom) < 0.7 * body_size and apart < 3 * body_size


def _is_level(number: Piece, group: Sequence[Piece]) -> bool:
    top, bottom = min(piece.top for piece in group), max(piece.bottom for piece in group)
    return top - 2 < (number.top + number.bottom) / 2 < bottom + 2


def _is_displayed(group: list[Piece], numbers: list[Piece], prose: list[Piece], body_size: float) -> bool:
    """Whether the group stands by itself: no prose on its lines, indented or numbered, and saying something."""
    x0, x1 = min(piece.x0 for piece in group), max(piece.x1 for piece in group)
    top, bottom = min(piece.top for piece in group), max(piece.bottom for piece in group)
    beside = [
        piece
        for piece in prose
        if top + 1 < (piece.top + piece.bottom) / 2 < bottom - 1
        and -2 * body_size < max(piece.x0, x0) - min(piece.x1, x1) < 2 * body_size
    ]
    if beside or group == numbers or not any(_OPERATOR.search(piece.text) for piece in group):
        return False
    column = [piece for piece in prose if piece.x0 < x1 and piece.x1 > x0 and piece.x1 - piece.x0 > 10 * body_size]
    near = sorted(column, key=lambda piece: abs((piece.top + piece.bottom - top - bottom) / 2))[:6]
    return bool(numbers) or (bool(near) and x0 > min(piece.x0 for piece in near) + 1.2 * body_size)


def _whole(group: list[Piece], numbers: list[Piece]) -> Piece:
    parts = sorted(group, key=lambda each: (each.baseline, each.x0))
    words = [word for piece in [*parts, *numbers] for word in piece.words]
    whole = line_piece(words)
    return replace(
        whole,
        x0=min(piece.x0 for piece in group),
        bottom=max(piece.bottom for piece in group),
        baseline=max(piece.baseline for piece in group),
        is_equation=True,
    )
