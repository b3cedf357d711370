"""Markdown and scholarly prose as plain words, and numbers as values.

What is removed: marks of emphasis, links, citations, footnote marks. What stays is what a question may say.
"""

import re
from functools import lru_cache

from loresmith.generate.wordlists import word_set

_LINK = re.compile(r"!?\[([^][]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(?<!\\)(\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|`)")
_AUTHOR_YEAR = re.compile(r"\s*\((?:[^()]*?[A-Za-z.]\s*,?\s*)(?:19|20)\d{2}[a-z]?(?:[;,][^()]*)?\)")
_CITED = re.compile(
    r"et al|;|^\s*\((?:see |e\.g\.,? |cf\. )?[A-Z][\w.'’-]+(?:[ -](?:and|&|[A-Z])[\w.'’-]*)*,\s*(?:19|20)\d{2}"
)
_BRACKETED = re.compile(r"\s*\[(?:\d{1,3}(?:\s*[,–-]\s*\d{1,3})*|[a-zA-Z]+\d{2,4}\w*(?:\s*,\s*[\w.-]*\d{2,4}\w*)*)\]")
_FOOTNOTE = re.compile(r"\[\^[^\]]*\]|(?:(?<=[A-Za-z]{3})|(?<=[.,;])\s?)\^\d{1,2}(?=[\s.,;)]|$)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>])")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "b": 1e9, "trillion": 1e12, "t": 1e12}


def plain(markdown: str) -> str:
    """The words of `markdown` on one line, without marks and citations."""
    text = _LINK.sub(r"\1", " ".join(markdown.split()))
    text = _FOOTNOTE.sub("", text)
    text = _AUTHOR_YEAR.sub(lambda found: "" if _CITED.search(found[0]) else found[0], text)
    text = _BRACKETED.sub("", text)
    text = _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text))
    text = " ".join(text.split())
    return re.sub(r"\s+([,.;:!?)])", r"\1", text)


@lru_cache(maxsize=1 << 14)  # the same answers are compared with one another again and again
def comparable(text: str) -> str:
    """`text` as answers are compared: plain, lower case, no thousands separators, one kind of quote and dash."""
    folded = plain(text).casefold().translate(str.maketrans("“”‘’–—−‑", "\"\"''----"))
    return re.sub(r"(?<=\d),(?=\d{3})", "", folded).strip(" .,;:!?\"'")


def occurs(needle: str, text: str) -> bool:
    """Whether `needle` stands in `text` as whole words; both are compared as they are."""
    return re.search(rf"(?<![\w-]){re.escape(needle)}(?![\w-])", text) is not None


def gives_away(question: str, answer: str) -> bool:
    """Whether the answer stands in its question."""
    return occurs(comparable(answer), comparable(question))


def value_of(text: str) -> float | None:
    """The number that `text` says, with its scale word; `None` when it says none or more than one."""
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    number = float(found[0].replace(",", ""))
    rest = _NUMBER.sub("", text).strip().lower().split()
    return number * _SCALES.get(rest[0], 1.0) if rest else number


def is_same_answer(left: str, right: str) -> bool:
    """Whether two answers say the same: equal words, or equal values with equal units (2 and 2.0, 50% and 50 %)."""
    mine, theirs = comparable(left), comparable(right)
    if mine == theirs or _bare(mine) == _bare(theirs):
        return True
    first, second = value_of(mine), value_of(theirs)
    return first is not None and first == second and _unit(mine) == _unit(theirs)


def decapitalised(phrase: str, *, is_plural: bool = False) -> str:
    """`phrase` as it stands inside a sentence: its first word small if it is surely no name, as plurals are."""
    first, _, rest = phrase.partition(" ")
    is_plain_word = first.isalpha() and first[:1].isupper() and first[1:] == first[1:].lower()
    is_common = is_plural or first.lower() in _SMALL_WORDS or _ABSTRACT.search(first) is not None
    return f"{first.lower()} {rest}".strip() if is_plain_word and is_common else phrase


def capitalised(phrase: str) -> str:
    """`phrase` as a sentence begins; names that are written small, such as llama.cpp, stay small."""
    first = phrase.partition(" ")[0].rstrip(",:;?.")
    return phrase[:1].upper() + phrase[1:] if first.isalpha() and first.islower() else phrase


def _unit(text: str) -> str:
    rest = _NUMBER.sub("", text).split()
    return " ".join(word for word in rest if word not in _SCALES)


def _bare(text: str) -> str:
    words = re.sub(r"[^\w.%+-]+", " ", text).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words)


_SMALL_WORDS = word_set(
    """
    the a an all each every both some most many no any such full one two three four five six seven eight nine
    ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety hundred in on at for with from by
    after before during among without within across under authors
    """
)
_ABSTRACT = re.compile(r"^\w{3,}(?:ing|ings|tions?|ments?|ness|ities|ity|ances?|ences?|ors?|ers|isms?)$")
