"""Words that send a question to an expert, whatever the classifier says."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache


def named(question: str, keywords: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The one expert whose keywords stand in `question`, and the longest of them that does.

    Keywords match whole words, whatever the case and however many spaces lie between; where those of several experts
    stand in the question, nobody is named.
    """
    text = _plain(question)
    found = {
        expert: max(hits, key=len)
        for expert, words in keywords.items()
        if (hits := [word for word in words if _pattern(word).search(text)])
    }
    return next(iter(found.items())) if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    spaced = r"\s+".join(re.escape(part) for part in _plain(word).split())
    return re.compile(rf"(?<!\w){spaced}(?!\w)")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
