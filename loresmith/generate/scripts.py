"""The scripts in which a text is written: Latin, Han, Cyrillic and others, as Unicode names its letters.

Not covered: which language it is; several share a script.
"""

import re
import unicodedata

NAMES = {
    **{"LATIN": "Latin", "GREEK": "Greek", "CYRILLIC": "Cyrillic", "ARMENIAN": "Armenian", "GEORGIAN": "Georgian"},
    **{"HEBREW": "Hebrew", "ARABIC": "Arabic", "DEVANAGARI": "Devanagari", "BENGALI": "Bengali", "TAMIL": "Tamil"},
    **{"TELUGU": "Telugu", "THAI": "Thai", "CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hangul"},
}
"""First word of a letter's Unicode name to its script; letters of other scripts are passed over."""
_RUN = re.compile(r"[^\W\d_]+")


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of the words in `text`.

    A single letter is a sign of mathematics (α, Δ, µ) and no word, except in Han.
    """
    found: set[str] = set()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        before = None
        for letter in run[:2] if run.isascii() else run:
            script = _script(letter)
            if script is not None and (script == before or script == "Han"):
                found.add(script)
            before = script
    return frozenset(found)


def _script(letter: str) -> str | None:
    return "Latin" if letter.isascii() else NAMES.get(unicodedata.name(letter, "").partition(" ")[0])
