"""Questions written on demand: ordered from a model passage by passage, under a grammar, and verified one by one.

What fails a check is dropped with its reason and counted; nothing is repaired. Not covered: another try at a passage
that failed, which with a greedy model would fail again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from loresmith.models.choice import best, weighed
from loresmith.models.prompts import Message
from loresmith.models.speaker import Filler
from loresmith.quiz.order import Design, Order, orders
from loresmith.quiz.spans import Library
from loresmith.quiz.verify import MISREAD, NOT_PARSED, fault
from loresmith.records import Chunk, Question

AT_ONCE = 8
"""Questions ordered together."""


@dataclass
class Written:
    """What came of it."""

    questions: list[Question] = field(default_factory=list)
    dropped: list[tuple[Question | None, str]] = field(default_factory=list)
    """Each with its reason; `None` where the reply was no question."""
    parsed: int = 0

    @property
    def asked(self) -> int:
        """Replies that were read: those that passed and those that fell."""
        return len(self.questions) + len(self.dropped)

    @property
    def reasons(self) -> dict[str, int]:
        """How many fell for which reason, the commonest first."""
        return dict(Counter(reason for _, reason in self.dropped).most_common())


class Author:
    """Writes questions about the chunks of a library."""

    def __init__(self, filler: Filler, library: Library, design: Design = "choose") -> None:
        """`design` says how much the model words itself."""
        self._filler, self._design = filler, design
        self.library = library

    def write(
        self, count: int, about: Sequence[Chunk], others: Sequence[Question], rng: np.random.Generator
    ) -> Written:
        """Up to `count` verified questions about the chunks `about`, none of which asks what one of `others` asks."""
        made = Written()
        waiting: list[Order] = []
        passages = [about[int(place)] for place in rng.permutation(len(about))]
        for order in self._ordered(passages, others):
            waiting.append(order)
            if len(waiting) == min(AT_ONCE, max(1, count - len(made.questions))):
                self.take(waiting, others, made, rng)
                waiting = []
            if len(made.questions) >= count:
                break
        else:
            if waiting:
                self.take(waiting, others, made, rng)
        del made.questions[count:]
        return made

    def take(
        self, waiting: Sequence[Order], others: Sequence[Question], made: Written, rng: np.random.Generator
    ) -> None:
        """Have `waiting` written, and add what came of each to `made`."""
        prompts = [self._filler.encode(order.messages) for order in waiting]
        replies = self._filler.fill(prompts, [order.form for order in waiting])
        for order, reply in zip(waiting, replies, strict=True):
            question = order.read(reply.text) if reply.stopped else None
            if question is None:
                made.dropped.append((None, NOT_PARSED))
                continue
            made.parsed += 1
            lines = self.library.lines(order.chunk)
            found = fault(question, order.chunk, lines, (*others, *made.questions)) or self._misread(question, order)
            if found is not None:
                made.dropped.append((question, found))
                continue
            shuffled = tuple(question.options[int(place)] for place in rng.permutation(len(question.options)))
            made.questions.append(question.model_copy(update={"options": shuffled}))

    def orders(self, chunk: Chunk, others: Sequence[Question] = ()) -> list[Order]:
        """What to have written about `chunk`, a question each; none where it gives nothing new to ask."""
        asked = {(other.quote, other.answer) for other in others}
        offers = [] if self._design == "free" else self.library.offers(chunk)
        fresh = [offer for offer in offers if (offer.sentence.quote, offer.fact.answer) not in asked]
        return orders(chunk, fresh, self._design, self._room)

    def _ordered(self, passages: Sequence[Chunk], others: Sequence[Question]) -> Iterator[Order]:
        """The first order of every passage, then the second of those that give one, and so on."""
        later: list[list[Order]] = []
        for chunk in passages:
            found = self.orders(chunk, others)
            yield from found[:1]
            later.append(found[1:])
        for layer in zip_longest(*later):
            yield from (order for order in layer if order is not None)

    def _misread(self, question: Question, order: Order) -> str | None:
        """What the model words itself, it must be able to answer: with the sentence in sight it prefers the answer."""
        if order.design == "choose":
            return None
        prompt, replies = weighed(
            self._filler, question.question, question.options, by_letter=False, sources=f"[1] {question.quote}"
        )
        scores = self._filler.loglikelihood([(prompt, reply) for reply in replies])
        return None if best(question.options, scores) == question.answer else MISREAD

    def _room(self, messages: Sequence[Message]) -> int:
        return self._filler.window - len(self._filler.encode(messages))
