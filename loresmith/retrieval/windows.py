"""Texts that are longer than an embedder's window, in overlapping pieces that fit it."""

from collections.abc import Sequence

OVERLAP_TOKENS = 32
SPARE_TOKENS = 6  # [CLS], [SEP], and a word that a cut splits into more pieces


def pieces(text: str, offsets: Sequence[tuple[int, int]], lead: str, lead_tokens: int, window: int) -> list[str]:
    """`text` in pieces of one length, the first at its beginning and the last at its end; at least one.

    `offsets` are those of its tokens in characters. `lead` (a heading path) stands before every piece, so that no piece
    loses its topic; `lead_tokens` is its length, `window` what fits in all.
    """
    room = max(window - SPARE_TOKENS - lead_tokens, window // 2)
    overlap = min(OVERLAP_TOKENS, room // 4)
    found = [text]
    if len(offsets) > room:
        count = -(-(len(offsets) - overlap) // (room - overlap))
        starts = [round(index * (len(offsets) - room) / (count - 1)) for index in range(count)]
        found = [text[offsets[start][0] : offsets[start + room - 1][1]] for start in starts]
    return [f"{lead}\n{piece}" if lead else piece for piece in found]
