"""When two questions are the same question.

Words are compared, not characters: in "MMLU of Qwen2-72B" and "MMLU of Qwen2.5-72B" two characters differ in a hundred,
and they ask different things. Words that differ by an inflection or a typing error count as equal; words with digits
never do.

Not covered: paraphrases without common words; embeddings would be needed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

_WORD = re.compile(r"[^\W_]+(?:[.,'’/+@-]?[^\W_]+)*[%+]*")
_DIGIT = re.compile(r"[\d⁰¹²³⁴-⁹₀-₉]")
_SAME_WORD = 85.0  # "layer" and "layers" 91, "colour" and "color" 91; "small" and "large" 20, "mean" and "median" 80
_ROUNDING = 1e-9


def words(text: str) -> list[str]:
    """The words of `text` in lower case; numbers, versions and names with inner signs stay whole."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def normalised(text: str) -> str:
    """`text` without case, punctuation and spacing: equal for texts that say the same in the same words."""
    return " ".join(words(text))


def likeness(left: Sequence[str], right: Sequence[str], at_least: float = 0.0) -> float:
    """Shared words / all words of two word lists, from 0 to 1; order does not count, inflection hardly.

    Below `at_least` the exact value is not sought: what is given then is some value below it.
    """
    mine, theirs = Counter(left), Counter(right)
    shared = (mine & theirs).total()
    only_mine, only_theirs = sorted((mine - theirs).elements()), sorted((theirs - mine).elements())
    needed = at_least * (len(left) + len(right)) / (1 + at_least) - _ROUNDING
    shared += _inflected(only_mine, only_theirs, needed - shared)
    total = len(left) + len(right) - shared
    return shared / total if total else 1.0


def _inflected(left: Sequence[str], right: Sequence[str], needed: float) -> int:
    """How many words of `left` have a partner of their own in `right` that differs in little; gives up below `needed`.

    Giving up early is what makes a loose threshold affordable: nearly all candidates fail within a few words.
    """
    pairs = 0
    asked, free = ([word for word in side if not _is_exact(word)] for side in (left, right))
    for tried, word in enumerate(asked):
        if pairs + min(len(asked) - tried, len(free)) < needed:
            break
        partner = next((other for other in free if fuzz.ratio(word, other) >= _SAME_WORD), None)
        if partner is not None:
            free.remove(partner)
            pairs += 1
    return pairs


def _is_exact(word: str) -> bool:
    return len(word) < 4 or _DIGIT.search(word) is not None


class Neighbours:
    """Finds the texts of a collection that are alike, without comparing each with each.

    Two word lists with likeness t share one of their rarest words: of n words, the rarest n - ceil(t n) + 1 are enough
    to look up (prefix filtering); one more is taken in case the rarest differs by inflection.
    """

    def __init__(self, texts: Sequence[str], threshold: float) -> None:
        vocabulary: dict[str, str] = {}  # one string for each word: a third of the memory
        self._words = [[vocabulary.setdefault(word, word) for word in words(text)] for text in texts]
        self._exact = [frozenset(filter(_is_exact, text)) for text in self._words]
        self._threshold = threshold
        self._counts = Counter(word for text in self._words for word in set(text))
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self._words):
            for word in self._telling(text):
                self._places[word].append(index)

    def of(self, text: str) -> Iterator[tuple[int, float]]:
        """Indices of the texts that are at least `threshold` alike, with their likeness, in order."""
        asked = words(text)
        exact = frozenset(filter(_is_exact, asked))
        candidates = sorted({index for word in self._telling(asked) for index in self._places.get(word, ())})
        for index in candidates:
            held = self._words[index]
            shorter, longer = sorted((len(asked), len(held)))
            if shorter < self._threshold * longer:
                continue
            total = shorter + longer
            most_shared = min(shorter, (total - len(exact ^ self._exact[index])) // 2)
            if most_shared < self._threshold * (total - most_shared):
                continue  # nine in ten end here, before the words are counted
            found = likeness(asked, held, self._threshold)
            if found >= self._threshold:
                yield index, found

    def _telling(self, text: Sequence[str]) -> list[str]:
        distinct = sorted(set(text), key=lambda word: (self._counts.get(word, 0), word))
        differing = int((1 - self._threshold) * len(text))
        return distinct[: differing + 2]
