"""Passages as the sources of a prompt, within a budget of tokens."""

from collections.abc import Callable, Sequence

from loresmith.models import prompts
from loresmith.records import Passage
from loresmith.retrieval.statements import statements

CountTokens = Callable[[str], int]


def sources(passages: Sequence[Passage], count_tokens: CountTokens, budget: int) -> tuple[str, tuple[Passage, ...]]:
    """The passages as `[1] text`, `[2] text`, ... one below the other, and the passages that stand there.

    `count_tokens(text)` of the result is at most `budget`. The first passage that does not fit is cut at the end of a
    sentence or table row, and nothing follows it; a passage comes back with the text that was kept. When not even one
    sentence of the first passage fits, it is cut between words.
    """
    shown: list[str] = []
    used: list[Passage] = []
    for passage in passages:

        def fits(text: str, before: tuple[str, ...] = tuple(shown)) -> bool:
            return count_tokens(prompts.numbered((*before, text))) <= budget

        whole = passage.text.strip()
        kept = whole if fits(whole) else _longest(whole, fits, by_words=not used)
        if kept:
            shown.append(kept)
            used.append(passage.model_copy(update={"text": kept}))
        if kept != whole:
            break
    return prompts.numbered(shown), tuple(used)


def _longest(text: str, fits: Callable[[str], bool], *, by_words: bool) -> str:
    """The longest beginning of `text` that fits and ends with a sentence, else (with `by_words`) with a word."""
    ends = [statement.end for statement in statements(text)]
    kept = _last_that_fits(text, ends, fits)
    if kept or not by_words:
        return kept
    return _last_that_fits(text, [place for place, sign in enumerate(text) if sign.isspace()], fits)


def _last_that_fits(text: str, ends: Sequence[int], fits: Callable[[str], bool]) -> str:
    low, high = 0, len(ends)  # the first `low` ends fit, `high` and beyond do not
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[: ends[middle - 1]]):
            low = middle
        else:
            high = middle - 1
    return text[: ends[low - 1]].rstrip() if low else ""
