"""How likely the model finds text that it was never trained on, with and without the adapter.

The passages are those that the transfer exam was made from, evenly over their documents. The first token of each has
nothing before it and is not counted; what is longer than the model's window is cut.
"""

import math
from collections.abc import Sequence

from loresmith.evaluate.sitting import NO_LIKELIHOOD
from loresmith.models.speaker import Speaker
from loresmith.records import Question, Record

TOO_SHORT = "fewer than two tokens"
AT_ONCE = 4
"""Passages weighed together: a few hundred tokens each, so that the logits stay small."""


class Weighed(Record):
    """The likelihood of one passage in one arm."""

    question: str
    """The chunk's id; the journal knows its rows by this name."""
    document: str
    arm: str
    tokens: int = 0
    bytes: int = 0
    nats: float = 0.0
    """Minus the log-probability of all tokens."""
    unscored: str | None = None


class Text(Record):
    """A passage to weigh."""

    chunk: str
    document: str
    text: str


def passages_of(questions: Sequence[Question], most: int) -> list[tuple[str, str]]:
    """At most `most` chunks, as (chunk, document), that `questions` come from, the documents taking turns."""
    by_document: dict[str, list[str]] = {}
    for question in questions:
        chunks = by_document.setdefault(question.document, [])
        if question.chunk not in chunks:
            chunks.append(question.chunk)
    longest = max(map(len, by_document.values()), default=0)
    turns = [
        (chunks[turn], document)
        for turn in range(longest)
        for document, chunks in by_document.items()
        if turn < len(chunks)
    ]
    return turns[:most]


def weigh(texts: Sequence[Text], speaker: Speaker, arm: str) -> list[Weighed]:
    """The likelihood of each text, in order; the caller has set the arm's adapter."""
    found: list[Weighed] = []
    for start in range(0, len(texts), AT_ONCE):
        group = texts[start : start + AT_ONCE]
        ids = [speaker.encode_reply(text.text)[:-1][: speaker.window] for text in group]
        long_enough = [place for place, tokens in enumerate(ids) if len(tokens) > 1]
        pairs = [(ids[place][:1], ids[place][1:]) for place in long_enough]
        sums = dict(zip(long_enough, speaker.loglikelihood(pairs) if pairs else [], strict=True))
        found += [_weighed(text, ids[place], sums.get(place), speaker, arm) for place, text in enumerate(group)]
    return found


def _weighed(text: Text, ids: Sequence[int], log_p: float | None, speaker: Speaker, arm: str) -> Weighed:
    bare = Weighed(question=text.chunk, document=text.document, arm=arm)
    if log_p is None or not math.isfinite(log_p):
        return bare.model_copy(update={"unscored": TOO_SHORT if log_p is None else NO_LIKELIHOOD})
    counted = len(speaker.decode(ids).encode()) - len(speaker.decode(ids[:1]).encode())
    return bare.model_copy(update={"tokens": len(ids) - 1, "bytes": max(1, counted), "nats": round(-log_p, 6)})
