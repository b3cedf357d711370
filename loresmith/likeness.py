"""When two questions are the same question.

Words are compared, not characters: in "MMLU of Qwen2-72B" and "MMLU of Qwen2.5-72B" two characters differ in a hundred,
and they ask different things. Words that differ by an inflection or a typing error count as equal; words with digits
never do. Nor does it help two questions to share all other words when they name different things, as "MMLU of Qwen2"
and "CMMLU of Qwen2" do: such are never alike, unless `names_count` is off.

Not covered: paraphrases without common words; embeddings would be needed. Names in a text without capitals are words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

_WORD = re.compile(r"[^\W_]+(?:[.,'’/+@-]?[^\W_]+)*[%+]*")
_DIGIT = re.compile(r"[\d⁰¹²³⁴-⁹₀-₉]")
_SAME_WORD = 85.0  # "layer" and "layers" 91, "colour" and "color" 91; "small" and "large" 20, "mean" and "median" 80
_ROUNDING = 1e-9
_CODE = re.compile(r".*[\d⁰¹²³⁴-⁹₀-₉+%]|.+[A-Z]")
"""Written like no plain word: GPT-4, MMLU, HumanEval+, LoRA."""
_SENTENCE_ENDS = re.compile(r"[.?!:]\s")
_PLURALS = ("s", "es")
_PRONOUN = "I"


def words(text: str) -> list[str]:
    """The words of `text` in lower case; numbers, versions and names with inner signs stay whole."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def normalised(text: str) -> str:
    """`text` without case, punctuation and spacing: equal for texts that say the same in the same words."""
    return " ".join(words(text))


@dataclass(frozen=True, slots=True)
class _Said:
    """A word of a text."""

    written: str
    names: bool
    """Whether it is a name or a part of one, a code or a number."""

    @property
    def lower(self) -> str:
        return self.written.lower().replace("’", "'")

    @property
    def bare(self) -> str:
        """Without signs and the ending of a possessive: GPT-4's, GPT4 and Gpt-4 are one."""
        return re.sub(r"[^\w+%]|_", "", re.sub(r"['’]s$", "", self.written)).lower()


def name_different_things(left: str, right: str) -> bool:
    """Whether one text has a name, a code or a number that the other lacks, or the same ones in changed places.

    A name is written with capitals inside a sentence, or stands in parentheses after one. It may be written with other
    signs, in the plural or in another case.
    """
    mine, theirs = _said(left), _said(right)
    only_mine, only_theirs = _without(mine, theirs), _without(theirs, mine)
    for word in list(only_mine):
        partner = next((other for other in only_theirs if _is_one_name(word, other)), None)
        if partner is not None:
            only_mine.remove(word)
            only_theirs.remove(partner)
    if only_mine or only_theirs:
        return _joined(only_mine) != _joined(only_theirs)  # "Llama 3.1" is "Llama-3.1"
    frame, names = _frame_and_names(mine)
    other_frame, other_names = _frame_and_names(theirs)
    return frame == other_frame and names != other_names


def _said(text: str) -> list[_Said]:
    written = text.lower() if text.isupper() else text  # where all is in capitals, they tell nothing
    found: list[_Said] = []
    end, is_open = 0, False
    for match in _WORD.finditer(written):
        word, between = match.group(), written[end : match.start()]
        follows_name = bool(found) and found[-1].names
        is_open = (is_open and ")" not in between) or (follows_name and between == " (")
        is_capital = word[0].isupper() and bool(found) and not _SENTENCE_ENDS.search(between) and word != _PRONOUN
        is_part = is_open or (follows_name and between == "_")
        found.append(_Said(word, _CODE.match(word) is not None or is_capital or is_part))
        end = match.end()
    return found


def _without(said: Sequence[_Said], others: Sequence[_Said]) -> list[_Said]:
    """What is left of a text when each word that the other has too is taken away, whatever its case."""
    left = Counter(word.lower for word in others)
    kept = []
    for word in said:
        if left[word.lower]:
            left[word.lower] -= 1
        else:
            kept.append(word)
    return kept


def _is_one_name(left: _Said, right: _Said) -> bool:
    if not (left.names or right.names):
        return False
    shorter, longer = sorted((left, right), key=lambda word: len(word.bare))
    if shorter.bare == longer.bare:
        return True
    return longer.written.endswith("s") and any(shorter.bare + ending == longer.bare for ending in _PLURALS)


def _joined(said: Sequence[_Said]) -> str:
    return "".join(word.bare for word in said if word.names)


def _frame_and_names(said: Sequence[_Said]) -> tuple[list[str], list[str]]:
    """The words of a text with one gap for each run of names, and the names in their order."""
    frame: list[str] = []
    for word in said:
        if not word.names:
            frame.append(word.lower)
        elif not frame or frame[-1]:
            frame.append("")
    return frame, [word.bare for word in said if word.names]


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

    def __init__(self, texts: Sequence[str], threshold: float, *, names_count: bool = True) -> None:
        """Take in `texts`; those that name different things are no neighbours, unless `names_count` is off."""
        self._texts = texts if names_count else None
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
            if found >= self._threshold and not (self._texts and name_different_things(text, self._texts[index])):
                yield index, found

    def _telling(self, text: Sequence[str]) -> list[str]:
        distinct = sorted(set(text), key=lambda word: (self._counts.get(word, 0), word))
        differing = int((1 - self._threshold) * len(text))
        return distinct[: differing + 2]
