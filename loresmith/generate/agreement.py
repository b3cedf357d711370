"""Whether two answers to one question agree, when one of them was written without sight of the other.

Looser than `is_same_answer`, since a second answer comes in its own words: `at 4 bar` agrees with `4 bar`. Stricter
than shared words alone: numbers and denials have to be the same.

Not covered: synonyms, numbers in words, and answers of the same words in another order.
"""

from loresmith.generate.plain import comparable, is_same_answer
from loresmith.likeness import words
from loresmith.retrieval.terms import content_terms, numbers

SHARED = 0.5
"""Of the telling words of both, without their endings; more than this have to be shared."""
_DENIALS = frozenset({"no", "not", "never", "none", "neither", "nor", "without", "cannot"})


def agrees(given: str, answer: str) -> bool:
    """Whether `given` says what `answer` says."""
    if is_same_answer(given, answer):
        return True
    mine, theirs = comparable(given), comparable(answer)
    if numbers(mine) != numbers(theirs) or _DENIALS & set(words(mine)) != _DENIALS & set(words(theirs)):
        return False
    left, right = set(content_terms(mine)), set(content_terms(theirs))
    return len(left & right) > SHARED * len(left | right)
