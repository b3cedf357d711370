"""The words of a text that carry its meaning, in a form that survives inflection.

Not covered: languages other than English keep all their words, stop words too, and are compared letter by letter.
"""

import re
from collections.abc import Iterable

from loresmith.likeness import words

_FUNCTION_WORDS = """
    a about above after again all also am an and any are as at be been before being below between both but by can
    could did do does doing down during each few for from further had has have having he her here hers him his how i if
    in into is it its itself just me more most my no nor not now of off on once only or other our out over own same she
    should so some such than that the their them then there these they this those through to too under until up very
    was we were what when where which while who whom whose why will with would you your yours
    's according many much describe explain give name say says tell
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Function words, and the verbs that only ask."""

_ENDINGS = (("isations", "is"), ("isation", "is"), ("ations", ""), ("ation", ""), ("ings", ""), ("ing", ""), ("ed", ""))
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)[^\W\d_]{1,4}")
_AMERICAN = re.compile(r"iz(?=e|ing|ation)")
_LETTERS = re.compile(r"[^\W\d_]+")


def content_terms(text: str) -> list[str]:
    """The stems of the words of `text` that are no stop words, in order; numbers and names with signs stay whole."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def numbers(text: str) -> set[str]:
    """The words of `text` that hold a digit; of a number with a unit (`16GB`, `71%`) the number alone."""
    found = {plain_number(word) for word in words(text) if any(sign.isdigit() for sign in word)}
    return {unit.group(1) if (unit := _WITH_UNIT.fullmatch(word)) else word for word in found}


def plain_number(word: str) -> str:
    """`word` without separators between thousands and without a percent sign: `1,024` and `1024`, `71%` and `71`."""
    return re.sub(r"(?<=\d)[,’'](?=\d{3}\b)", "", word).rstrip("%+")


def stem(word: str) -> str:
    """`word` without its ending, where enough of it is left; words with digits stay as they are."""
    if not _LETTERS.fullmatch(word):
        return plain_number(word)
    word = _AMERICAN.sub("is", word)
    for ending, kept in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending) + kept
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return _without_e(word)


def share_covered(needed: Iterable[str], held: Iterable[str]) -> float:
    """Share of the distinct terms of `needed` that are among `held`; 0 when nothing is needed."""
    wanted = set(needed)
    return len(wanted & set(held)) / len(wanted) if wanted else 0.0


def _without_e(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
