"""The letter of an option, out of the likelihoods of an answer's first token; what was written, `scoring` reads."""

import math
from collections.abc import Mapping, Sequence


def likeliest(told: Mapping[str, float], letters: Sequence[str]) -> int | None:
    """The place of the likeliest of `letters`, of equals the first; `None` where none is among the tokens.

    Args:
        told: Log-probability by token, of the likeliest tokens alone; `A` and ` A` are both the letter A.
        letters: Of the options, in their order.
    """
    sums = dict.fromkeys(letters, 0.0)
    for token, log_p in told.items():
        if (letter := token.strip()) in sums:
            sums[letter] += math.exp(log_p)
    best = max(letters, key=lambda letter: sums[letter])
    return letters.index(best) if sums[best] > 0 else None
