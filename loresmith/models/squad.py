"""Short answers graded as SQuAD v1.1 does (arXiv 1606.05250): exact match and token F1 after one normalisation.

`exact_match` and `token_f1` give the official scorer's figures. `is_correct` is stricter where that scorer is blind: it
deletes punctuation, so that `4.5` equals `45` and `-3` equals `3`; here the numbers must agree as well.

Not covered: tolerances, conversion of units, synonyms.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_CITATION = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
# A sign counts unless a word stands before it (GPT-4, 10-20); commas group thousands (1,319 is 1319).
_NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])[-−+]?\.\d+")


def normalised(text: str) -> str:
    """`text` in lower case, without ASCII punctuation, English articles and superfluous spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, answers: Sequence[str]) -> bool:
    """Whether `given` equals one of `answers` after normalisation."""
    return any(normalised(given) == normalised(answer) for answer in answers)


def token_f1(given: str, answers: Sequence[str]) -> float:
    """The best harmonic mean of precision and recall over the words of one of `answers`, 0 to 1."""
    return max((_overlap(normalised(given).split(), normalised(answer).split()) for answer in answers), default=0.0)


def is_correct(given: str, answer: str) -> bool:
    """Whether `given` matches `answer` exactly, and says the same numbers."""
    return exact_match(given, [answer]) and numbers(given) == numbers(answer)


def numbers(text: str) -> list[float]:
    """The numbers in `text`, in order: `1,319` is 1319, and `4.5` is not 45."""
    return [float(found.replace(",", "").replace("−", "-")) for found in _NUMBER.findall(text)]


def without_citations(given: str, answer: str) -> str:
    """`given` without the marks `[1]` or `[1, 2]` of a grounded answer, unless `answer` has brackets like them."""
    return given if _CITATION.search(answer) else _CITATION.sub("", given)


def _overlap(given: list[str], answer: list[str]) -> float:
    shared = sum((Counter(given) & Counter(answer)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(given), shared / len(answer)
    return 2 * precision * recall / (precision + recall)
