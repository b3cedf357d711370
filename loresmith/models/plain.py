"""Texts that a model weighs or continues as they stand, cut into tokens as lm-evaluation-harness 0.4.13 cuts them.

Context and continuation are encoded together, and what follows the tokens of the context alone is the continuation.
What does not fit the window is cut from the left. Special tokens come as the tokenizer adds them by itself, and none
where a chat template has begun the text with them.

Not covered: empty contexts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError
from loresmith.models.language import LanguageModel

Pair = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Weighed:
    """How likely a model finds the continuations of one context."""

    sums: list[float]
    """The log-probability of each, in nats."""
    is_cut: bool
    """The context lost its beginning, since it did not fit the window."""


@dataclass(frozen=True)
class Written:
    """What a model wrote after one context."""

    text: str
    is_cut: bool


class PlainText:
    """A loaded model that is given text instead of messages."""

    def __init__(self, speaker: LanguageModel) -> None:
        self._speaker = speaker
        self._tokenizer = speaker.tokenizer

    def weigh(self, contexts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[Weighed]:
        """For each context its continuations weighed; pairs of equal ids are weighed once, and so are equal for sure.

        Raises:
            UserError: a continuation alone is longer than the window.
        """
        groups = self._pairs(contexts, continuations)
        distinct = list(dict.fromkeys(pair for pairs, _ in groups for pair in pairs))
        sums = dict(zip(distinct, self._speaker.loglikelihood(distinct), strict=True))
        return [Weighed([sums[pair] for pair in pairs], is_cut) for pairs, is_cut in groups]

    def write(self, contexts: Sequence[str], max_new_tokens: int, endings: Sequence[str]) -> list[Written]:
        """What the model writes after each context, up to the first of `endings` or its end of text.

        Raises:
            UserError: the window holds no context beside so many new tokens.
        """
        room = self._speaker.window - max_new_tokens
        if room < 1:
            raise UserError(
                f"{self._speaker.name} reads and writes {self._speaker.window} tokens together; this task writes "
                f"{max_new_tokens} alone.",
                next_step="Choose a model with a longer window.",
            )
        prompts = self._encoded(contexts)
        # a model may also spell its end of text with other tokens; the harness stops there too
        spelled = [*endings, str(self._tokenizer.eos_token)] if self._tokenizer.eos_token else list(endings)
        texts = self._speaker.continue_text(
            [ids[-room:] for ids in prompts], max_new_tokens, self._stops(endings), spelled
        )
        return [Written(text, len(ids) > room) for text, ids in zip(texts, prompts, strict=True)]

    def _pairs(self, contexts: Sequence[str], continuations: Sequence[Sequence[str]]) -> list[tuple[list[Pair], bool]]:
        """For each context its (context, continuation) ids, and whether the context was cut."""
        moved = [
            _with_space_moved(context, following) for context, following in zip(contexts, continuations, strict=True)
        ]
        alone = self._encoded([context for context, _ in moved])
        whole = iter(self._encoded([context + text for context, following in moved for text in following]))
        return [
            self._fitting(ids, [next(whole)[len(ids) :] for _ in following])
            for ids, (_, following) in zip(alone, moved, strict=True)
        ]

    def _fitting(self, context: list[int], continuations: Sequence[list[int]]) -> tuple[list[Pair], bool]:
        window = self._speaker.window
        if (longest := max(map(len, continuations))) > window:
            raise UserError(
                f"An answer of {longest} tokens does not fit the window of {self._speaker.name} ({window} tokens).",
                next_step="Choose a model with a longer window.",
            )
        room = [window + 1 - len(continuation) for continuation in continuations]  # its last token is not read
        pairs = [(tuple(context[-place:]), tuple(more)) for place, more in zip(room, continuations, strict=True)]
        return pairs, len(context) > min(room)

    def _stops(self, endings: Sequence[str]) -> frozenset[int]:
        asked = getattr(self._speaker.model, "generation_config", None)
        declared = getattr(asked, "eos_token_id", None)
        ends = [*(declared if isinstance(declared, list | tuple) else [declared]), self._tokenizer.eos_token_id]
        special = {token.content: number for number, token in self._tokenizer.added_tokens_decoder.items()}
        ends += [special.get(ending) for ending in endings]
        return frozenset(int(token) for token in ends if token is not None)

    def _encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text; those that begin with their own special token get no other."""
        first = self._first_word()
        found: list[list[int]] = [[] for _ in texts]
        for brings_own in (False, True):
            places = [place for place, text in enumerate(texts) if bool(first and text.startswith(first)) is brings_own]
            if places:
                ids = self._ids([texts[place] for place in places], brings_own)
                for place, row in zip(places, ids, strict=True):
                    found[place] = row
        return found

    def _ids(self, texts: list[str], brings_own: bool) -> list[list[int]]:
        added: dict[str, Any] = {"add_special_tokens": False} if brings_own else {}
        return [list(map(int, row)) for row in self._tokenizer(texts, **added)["input_ids"]]

    def _first_word(self) -> str:
        """The text of the token that begins a text, or else ends one; empty where there is neither."""
        bos, eos = self._tokenizer.bos_token_id, self._tokenizer.eos_token_id
        number = bos if bos is not None else eos
        return "" if number is None else str(self._tokenizer.decode([number]))


def _with_space_moved(context: str, continuations: Sequence[str]) -> tuple[str, list[str]]:
    """Spaces at the end of the context belong to the continuations: tokens mostly begin with a space."""
    bare = context.rstrip()
    return bare, [context[len(bare) :] + text for text in continuations]
