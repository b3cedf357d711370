"""Accents that old TeX fonts draw as letters of their own are put back on their letter."""

import unicodedata

COMBINING = {
    "´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303",
    "¸": "\u0327", "ˇ": "\u030c", "˚": "\u030a", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307", "˝": "\u030b",
}  # fmt: skip
_DOTLESS = {"ı": "i", "ȷ": "j"}


def composed(letter: str, accent: str) -> str | None:
    """The one character that `letter` under the spacing `accent` makes, or `None` if there is no such letter."""
    mark = COMBINING.get(accent)
    if mark is None or len(letter) != 1 or not letter.isalpha():
        return None
    joined = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + mark)
    return joined if len(joined) == 1 else None


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Share of the narrower interval that the other one covers, 0 to 1."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    narrower = min(a[1] - a[0], b[1] - b[0])
    return max(0.0, shared / narrower) if narrower > 0 else float(shared >= 0)
