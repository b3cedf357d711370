"""Whether prompts and answers fit a model: the same check and words whatever runs it."""

from collections.abc import Sequence

from loresmith.errors import UserError
from loresmith.models.speaker import Speaker


def require_room(speaker: Speaker, prompts: Sequence[Sequence[int]], new_tokens: int) -> None:
    """Return when every prompt has words and fits the window of `speaker` with `new_tokens` after it.

    Raises:
        UserError: one is too long, or empty.
    """
    longest = max((len(prompt) for prompt in prompts), default=1)
    if longest + new_tokens > speaker.window:
        raise UserError(
            f"A prompt of {longest} tokens with {new_tokens} for the answer does not fit the window of {speaker.name} "
            f"({speaker.window} tokens).",
            next_step="Lower `ask.source_tokens` or `max_new_tokens`, or choose a model with a longer window.",
        )
    if any(not prompt for prompt in prompts):
        raise UserError("A prompt is empty.", next_step="Ask something.")


def require_weighable(
    speaker: Speaker, pairs: Sequence[tuple[Sequence[int], Sequence[int]]], *, spare: int = 0
) -> None:
    """Return when every (context, continuation) fits the window but for its `spare` tokens, and has a context.

    Raises:
        UserError: one is too long, or a context is empty.
    """
    # the last token of a continuation is weighed, not read
    require_room(speaker, [(*context, *continuation[:-1]) for context, continuation in pairs], spare)
    if any(not context for context, _ in pairs):
        raise UserError("A continuation cannot be weighed after nothing.", next_step="Give a context.")
