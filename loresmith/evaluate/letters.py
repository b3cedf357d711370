"""The letter of an option, out of the likelihoods of an answer's first token; what was written, `scoring` reads."""

import math
from collections.abc import Mapping, Sequence


def likeliest(told: Mapping[str, float], letters: Sequence[str]) -> int | None:
    """The place of the likeliest of `letters`, of equals the first; `None` where none is among the tokens.

    Args:
        told: Log-probability by token, of the likeliest tokens alone; `A` and ` A` are both the letter A.
        letters: Of the options, in their order.
    """
    sums = _sums(told, letters)
    best = max(letters, key=lambda letter: sums[letter])
    return letters.index(best) if sums[best] > 0 else None


def weighed(told: Mapping[str, float], letters: Sequence[str]) -> tuple[float, ...]:
    """The log-probability of each of `letters`.

    One that is not among the likeliest tokens has that of the least likely of them, which is the most it can have.
    """
    least = min(p for log_p in told.values() if (p := math.exp(log_p)) > 0)
    return tuple(math.log(p or least) for p in _sums(told, letters).values())


def _sums(told: Mapping[str, float], letters: Sequence[str]) -> dict[str, float]:
    sums = dict.fromkeys(letters, 0.0)
    for token, log_p in told.items():
        if (letter := token.strip()) in sums:
            sums[letter] += math.exp(log_p)
    return sums
