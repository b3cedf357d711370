"""Where sentences begin: chunks are cut there, and facts are found between.

Not covered: languages without spaces after full stops; their paragraphs are cut at white space or by length.
"""

import re

_ENDS = re.compile(r"[.!?…][\"'”’)\]]*(?:\[\^[^\]\s]{1,20}\])*\s+(?=[\"'“‘(\[*]*(?:[A-Z0-9À-ÞЀ-Я]|[a-z]{1,3}[A-Z]))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|et al|vs|approx|resp|etc|Fig|Figs|Eq|Eqs|Sec|Sect|Tab|Ref|Refs|No|Nos|Vol|pp|Ch|App"
    r"|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|Inc|Ltd|Co|U\.S|U\.K|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Z])\.$"
)


def sentence_starts(text: str) -> list[int]:
    """Offsets in `text` at which a sentence after the first begins."""
    starts = []
    for match in _ENDS.finditer(text):
        if not _ABBREVIATION.search(text[max(0, match.start() - 12) : match.start() + 1]):
            starts.append(match.end())
    return starts


def cut_long(text: str, size: int) -> list[tuple[int, int]]:
    """Offsets of pieces of at most `size` characters that hold all of `text` but white space at the cuts.

    Cuts fall between sentences where one ends within `size`, else between words, else anywhere.
    """
    bounds = sentence_starts(text)
    pieces, start = [], 0
    while len(text) - start > size:
        inside = [bound for bound in bounds if start < bound <= start + size]
        cut = inside[-1] if inside else _word_cut(text, start, size)
        pieces.append((start, start + len(text[start:cut].rstrip())))
        start = cut + len(text[cut:]) - len(text[cut:].lstrip())
    if text[start:].strip():
        pieces.append((start, start + len(text[start:].rstrip())))
    return [(begin, end) for begin, end in pieces if end > begin]


def _word_cut(text: str, start: int, size: int) -> int:
    space = max(text.rfind(" ", start + 1, start + size + 1), text.rfind("\n", start + 1, start + size + 1))
    return space if space > start else start + size
