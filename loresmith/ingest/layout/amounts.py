"""Figures of tables: what counts as one, and the signs (`$`, `%`, brackets) that are drawn apart from theirs."""

import re
from dataclasses import replace

from loresmith.ingest.layout.page import Line, Word

_SIGN = re.compile(r"(?:US|CA|AU|HK|NZ|C|A)?[$€£¥]|\(|(?:US|CA|AU|HK|NZ|C|A)?[$€£¥]\(")
_TAIL = re.compile(r"%|\)|\)%|%\)")
_DIGITS = re.compile(r"[-−–—]|[($€£¥+−–-]*\d[\d,.]*[)%]*")
_AMOUNT = re.compile(
    r"[~≈<>≤≥±+−–-]{0,2}\s?\(?(?:US|CA|AU|HK|NZ|C|A)?[$€£¥]?\s?[-−–+(]{0,2}[$€£¥]?"
    r"(?:\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d+)?|\d(?:[\d,.’']*\d)?)\s?[%)]{0,2}\s?(?:x|pp|bps?|[KMB]|€)?"
    r"[*†‡a-z]?(?:\^\d|\(\d\))?"
)
_BLANK = re.compile(r"[$€£¥]?\s?[-−–—]{1,3}\s?%?\)?|[.…]{1,3}|:|n\.?/?[am]\.?|N/?A|NM", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d[*]?|FY\d{2,4}")
_SIGN_REACH = 16.0
"""Type sizes; statements set the sign at the left edge of a column and the figure at its right one."""
_BRACKET_REACH = 1.3


def is_amount(text: str) -> bool:
    """Whether a cell is a number with its signs."""
    return bool(_AMOUNT.fullmatch(text))


def is_value(text: str) -> bool:
    """Whether a cell is a number or stands for a missing one."""
    return is_amount(text) or bool(_BLANK.fullmatch(text))


def is_year(text: str) -> bool:
    """Whether a cell is a year, which is as often a title as a value."""
    return bool(_YEAR.fullmatch(text))


def with_signs_attached(line: Line) -> Line:
    """The line with each sign that stands alone joined to its figure; a currency sign moves up to it."""
    joined: Line = []
    for word in line:
        last = joined[-1] if joined else None
        if last is not None and _is_sign_of(last, word):
            x0 = max(last.x0, word.x0 - 0.5 * word.size * len(last.text))
            joined[-1] = replace(word, text=last.text + word.text, x0=x0)
        elif last is not None and _is_tail_of(word, last):
            joined[-1] = replace(last, text=last.text + word.text, x1=word.x1)
        else:
            joined.append(word)
    return joined


def _is_sign_of(sign: Word, figure: Word) -> bool:
    reach = _BRACKET_REACH if sign.text == "(" else _SIGN_REACH
    is_near = figure.x0 - sign.x1 < reach * sign.size
    return is_near and bool(_SIGN.fullmatch(sign.text)) and bool(_DIGITS.match(figure.text))


def _is_tail_of(sign: Word, figure: Word) -> bool:
    is_near = sign.x0 - figure.x1 < _BRACKET_REACH * sign.size and not figure.raised
    return is_near and bool(_TAIL.fullmatch(sign.text)) and bool(_DIGITS.match(figure.text))
