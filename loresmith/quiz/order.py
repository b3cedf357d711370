"""What a model is told and what it may write, so that a question comes back: a prompt and a form for one passage.

Three designs. `choose`: the model picks the sentence, the answer in it, and each wrong option among rivals; the
sentence with a gap is the question. `word`: it also words the question, in one bounded line. `free`: it words all, the
evidence too. Under each the reply always parses; how much of it is true differs, see `quiz.verify`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.plain import plain
from loresmith.generate.prose import sentences_of
from loresmith.generate.questions import question_of
from loresmith.models import prompts
from loresmith.models.forms import Choice, Either, Fields, Form, Row, Text, together
from loresmith.models.prompts import Message
from loresmith.quiz.spans import WRONG, Offer
from loresmith.records import Chunk, Question, Record

Design = Literal["choose", "word", "free"]
DESIGNS: tuple[Design, ...] = ("choose", "word", "free")
METHOD = "grammar"
"""Of the questions that are written so."""
MOST_OFFERS = 4
"""Of one passage; more would make the grammar long and the choice no better."""
OPENINGS = ("What", "Which", "Who", "When", "Where", "How many", "How much", "Why", "How")
WORDED = Text(16, 90, OPENINGS, "?")
FREE_OPTION = Text(2, 32)
FREE_EVIDENCE = Text(24, 110)
TOLD = {
    "choose": "Choose one sentence that is worth a quiz question: its number, the answer in it, and wrong answers.",
    "word": "Write one quiz question about one sentence: its number, the answer, the question, and wrong answers.",
    "free": "Write one quiz question: the words that bear the answer, the question, the right answer, and wrong ones.",
}


class Chosen(Record):
    """A reply under `choose`, or with a `question` under `word`."""

    evidence: str
    """The number of the sentence, from 1."""
    answer: str
    question: str | None = None
    wrong: tuple[str, ...]


class Free(Record):
    """A reply under `free`."""

    evidence: str
    question: str
    answer: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """One question to be written about `chunk`."""

    chunk: Chunk
    messages: tuple[Message, ...]
    form: Form
    design: Design
    sentences: tuple[str, ...]
    """As they are numbered in the prompt: verbatim from the chunk."""
    offers: tuple[Offer, ...]

    def read(self, reply: str) -> Question | None:
        """The question that `reply` is, its options in the order written; `None` where it is no such reply."""
        try:
            if self.design == "free":
                return self._worded_freely(Free.model_validate_json(reply))
            return self._bound(Chosen.model_validate_json(reply))
        except ValidationError:
            return None

    def _bound(self, said: Chosen) -> Question | None:
        place = int(said.evidence) - 1 if said.evidence.isdecimal() else -1
        if not 0 <= place < len(self.sentences):
            return None
        quote = self.sentences[place]
        offers = (one for one in self.offers if one.sentence.quote == quote and one.fact.answer == said.answer)
        offer = next(offers, None)
        if offer is None or len(said.wrong) != WRONG:
            return None
        text = offer.question if said.question is None else said.question
        return question_of(offer.fact, "choice", 0, text, method=METHOD, options=(said.answer, *said.wrong))

    def _worded_freely(self, said: Free) -> Question | None:
        if len(said.wrong) != WRONG:
            return None
        claim = Claim("free", said.evidence, "", said.answer, (said.question,))
        fact = fact_of(claim, self.chunk)
        return question_of(fact, "choice", 0, said.question, method=METHOD, options=(said.answer, *said.wrong))


def orders(
    chunk: Chunk, offers: Sequence[Offer], design: Design, room: Callable[[Sequence[Message]], int]
) -> list[Order]:
    """The orders for `chunk`, a question each; none where nothing can be asked, or the window is too small for it.

    Args:
        chunk: The passage.
        offers: What can be asked about it; `free` needs none.
        design: How much the model words itself.
        room: Tokens that are left in the window after these messages.
    """
    if design == "free":
        made = _order(chunk, (), design)
        return [made] if made is not None and _fits(made, room) else []
    groups = [list(offers[start : start + MOST_OFFERS]) for start in range(0, len(offers), MOST_OFFERS)]
    fitting = (_fitting(chunk, group, design, room) for group in groups)
    return [made for made in fitting if made is not None]


def _fitting(
    chunk: Chunk, offers: Sequence[Offer], design: Design, room: Callable[[Sequence[Message]], int]
) -> Order | None:
    """The order of as many of `offers`, sentence by sentence, as the window has room for."""
    left = list(offers)
    while left:
        made = _order(chunk, left, design)
        if made is not None and _fits(made, room):
            return made
        last = left[-1].sentence.quote
        left = [offer for offer in left if offer.sentence.quote != last]
    return None


def _fits(order: Order, room: Callable[[Sequence[Message]], int]) -> bool:
    return together([order.form]) < room(order.messages)


def _order(chunk: Chunk, offers: Sequence[Offer], design: Design) -> Order | None:
    if design == "free":
        sentences = tuple(one.quote for one in sentences_of(chunk))
        fields = {"evidence": FREE_EVIDENCE, "question": WORDED, "answer": FREE_OPTION}
        form: Form = Fields({**fields, "wrong": Row((FREE_OPTION,) * WRONG)})
    else:
        sentences = tuple(dict.fromkeys(offer.sentence.quote for offer in offers))
        form = Either(tuple(_fields(offer, sentences.index(offer.sentence.quote) + 1, design) for offer in offers))
    if not sentences:
        return None
    messages = prompts.short(TOLD[design], prompts.numbered(plain(sentence) for sentence in sentences))
    return Order(chunk, tuple(messages), form, design, sentences, tuple(offers))


def _fields(offer: Offer, number: int, design: Design) -> Form:
    fields: dict[str, Form] = {"evidence": Choice((str(number),)), "answer": Choice((offer.fact.answer,))}
    if design == "word":
        fields["question"] = WORDED
    return Fields({**fields, "wrong": Row(tuple(Choice(rivals) for rivals in offer.places))})
