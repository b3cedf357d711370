"""Multiple choice by likelihood: the option that the model would most likely have given as its answer.

By text: each option is scored as the whole answer to the bare question, its tokens and the token that ends a turn. By
letter: the options stand in the question, and each letter is scored as the beginning of the answer.
The sum of log-probabilities is divided by the option's characters, so that a long option is not worse for being long,
and so that models with different tokenizers are measured alike. The examination and the parity exam both use this.
"""

from collections.abc import Sequence

from loresmith.models import prompts
from loresmith.models.speaker import Speaker


def weighed(
    speaker: Speaker, question: str, options: Sequence[str], *, by_letter: bool, sources: str | None = None
) -> tuple[list[int], list[list[int]]]:
    """The ids of the prompt, and of each option's continuation, whose log-probabilities `best` compares."""
    if not by_letter:
        return speaker.encode(prompts.short(question, sources)), [speaker.encode_reply(option) for option in options]
    letters = prompts.LETTERS[: len(options)]
    replies = [speaker.encode_reply(letter)[:-1] for letter in letters]
    return speaker.encode(prompts.choice(question, options, sources)), replies


def best(options: Sequence[str], log_probabilities: Sequence[float]) -> str:
    """The option with the highest log-probability per character; of equals the first.

    Raises:
        ValueError: no options, or not one log-probability for each.
    """
    scores = per_character(options, log_probabilities)
    return options[max(range(len(options)), key=lambda place: (scores[place], -place))]


def per_character(options: Sequence[str], log_probabilities: Sequence[float]) -> list[float]:
    """Each option's log-probability divided by its length in characters."""
    if not options or len(options) != len(log_probabilities):
        raise ValueError(f"{len(options)} options with {len(log_probabilities)} scores")
    return [score / max(1, len(option)) for option, score in zip(options, log_probabilities, strict=True)]
