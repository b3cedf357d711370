"""Reading order: a page is cut at its gutters and between its blocks until only columns are left (XY-cut)."""

from collections.abc import Sequence

from loresmith.ingest.layout.pieces import Piece

_DEEPEST = 60
"""Cuts inside cuts; real pages need fewer than ten."""

Column = list[Piece]
"""Pieces under each other, from top to bottom."""


def columns_in_order(pieces: list[Piece]) -> list[Column]:
    """Every piece once, in columns in the order in which a person reads them."""
    columns: list[Column] = []
    for column in _cut(pieces, 0) if pieces else []:
        if columns and _goes_on(columns[-1], column):
            columns[-1] = columns[-1] + column
        else:
            columns.append(column)
    return columns


def _goes_on(above: Column, below: Column) -> bool:
    """Whether `below` stands under `above` in the same column."""
    (a0, a1), (b0, b1) = _extent(above), _extent(below)
    shared = min(a1, b1) - max(a0, b0)
    return below[0].top >= above[-1].top - 1 and shared > 0.6 * min(a1 - a0, b1 - b0)


def _extent(pieces: Sequence[Piece]) -> tuple[float, float]:
    return min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)


def _cut(pieces: list[Piece], depth: int) -> list[Column]:
    if len(pieces) <= 1 or depth >= _DEEPEST:
        return [_downwards(pieces)]
    sides = _at_gutter(pieces)
    if sides is not None:
        return _cut(sides[0], depth + 1) + _cut(sides[1], depth + 1)
    if _may_hold_gutter(pieces):
        parts = _at_widest_gap(pieces)
        if parts is not None:
            return _cut(parts[0], depth + 1) + _cut(parts[1], depth + 1)
    return [_downwards(pieces)]


def _downwards(pieces: list[Piece]) -> Column:
    return sorted(pieces, key=lambda piece: (piece.top, piece.x0))


def _at_gutter(pieces: list[Piece]) -> tuple[list[Piece], list[Piece]] | None:
    """Left and right of the widest white stripe over the whole height, if both sides look like columns."""
    ordered = sorted(pieces, key=lambda piece: (piece.x0, piece.x1))
    end, widest, place = ordered[0].x1, 6.0, None
    for piece in ordered[1:]:
        if piece.x0 - end > widest:
            widest, place = piece.x0 - end, (piece.x0 + end) / 2
        end = max(end, piece.x1)
    if place is None:
        return None
    left = [piece for piece in pieces if piece.x1 <= place]
    right = [piece for piece in pieces if piece.x1 > place]
    x0, x1 = _extent(pieces)
    wide = all(end - start > 0.22 * (x1 - x0) for start, end in (_extent(left), _extent(right)))
    if len(pieces) <= 2 or (wide and len(left) >= 2 and len(right) >= 2):
        return left, right
    return None


def _at_widest_gap(pieces: list[Piece]) -> tuple[list[Piece], list[Piece]] | None:
    """Above and below the widest white stripe over the whole width."""
    ordered = sorted(pieces, key=lambda piece: (piece.top, piece.bottom))
    end, widest, place = ordered[0].bottom, 0.5, None
    for piece in ordered[1:]:
        if piece.top - end > widest:
            widest, place = piece.top - end, (piece.top + end) / 2
        end = max(end, piece.bottom)
    if place is None:
        return None
    return [piece for piece in pieces if piece.bottom <= place], [piece for piece in pieces if piece.bottom > place]


def _may_hold_gutter(pieces: list[Piece]) -> bool:
    """Whether pieces stand beside each other, so that a cut across may open a gutter; else all is one column."""
    x0, x1 = _extent(pieces)
    narrow = sum(piece.x1 - piece.x0 <= 0.62 * (x1 - x0) for piece in pieces)
    if narrow < 2 or len({round(piece.x0 / 12) for piece in pieces}) < 2:
        return False
    return any(
        left.x1 <= right.x0 and min(left.bottom, right.bottom) > max(left.top, right.top)
        for left in pieces
        for right in pieces
    )
