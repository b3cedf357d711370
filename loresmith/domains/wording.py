"""A domain question in the words that training and exams use, with its columns beside it."""

import random
import re
from collections.abc import Sequence

from loresmith.curriculum import Task
from loresmith.domains.answer_types import answer_type
from loresmith.domains.question import DomainQuestion
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.models import prompts
from loresmith.recipe import PrepareConfig
from loresmith.records import Record

REFERS_TO_OTHERS = re.compile(
    r"\b(?:all|none|any|both|neither|either)\b.*\b(?:above|these|those|of them|and|nor|or)\b|\b[A-F] and [A-F]\b",
    re.IGNORECASE,
)
COLUMNS = {
    "domain": "what the question is about",
    "source": "where it comes from",
    "license": "of that source",
    "topic": "within the domain, as far as the source or its words tell",
    "answer_type": "what kind of answer is right",
    "difficulty": "0 (easy) to 1 (hard): rarity of words, length of the answer, help given",
    "evidence": "text that tells the answer; empty where the source has none",
}


class Asked(Record):
    """How one question is put."""

    question: DomainQuestion
    options: tuple[str, ...] = ()
    """In the order shown; empty when it is asked without."""
    has_sources: bool = False

    @property
    def said(self) -> str:
        """What the model is to say."""
        if not self.options:
            return self.question.answer
        return prompts.LETTERS[self.options.index(self.question.answer)]

    @property
    def task(self) -> Task:
        """What it asks of a model."""
        return Task(self.question.question, self.question.answer, self.has_sources, bool(self.options))

    @property
    def kind(self) -> str:
        """The type of the answer."""
        return "letter" if self.options else answer_type(self.question.answer)


def asked(question: DomainQuestion, name: str, config: PrepareConfig) -> Asked:
    """The form of a question, by its needs and by lots that `config.seed` and `name` decide."""
    lot = random.Random(f"{config.seed} form {name}")
    by_half, by_share = lot.random() < 0.5, lot.random() < config.open_book
    if question.conversation is not None:
        return Asked(question=question)
    is_choice = question.needs == "options" or config.form == "choice" or (config.form == "mixed" and by_half)
    has_sources = bool(question.evidence) and (question.needs == "evidence" or by_share)
    options = _ordered(question.options, lot) if is_choice else ()
    return Asked(question=question, options=options, has_sources=has_sources)


def dialogue(put: Asked, name: str, columns: dict[str, str], *, bare: bool) -> Dialogue:
    """The conversation as it is written; `bare` leaves out the system prompt."""
    question = put.question
    if (ready := question.conversation) is not None:
        system = "" if bare else ready.system
        return ready.model_copy(update={"id": name, "system": system, "aside": {**ready.aside, **columns}})
    sources = prompts.numbered([question.evidence]) if put.has_sources else None
    if put.options:
        opening, user = prompts.choice(question.question, put.options, sources)
    else:
        opening, user = prompts.short(question.question, sources)
    return Dialogue(
        id=name,
        system="" if bare else opening["content"],
        turns=pair(user["content"], put.said),
        options=put.options,
        aside=columns,
    )


def _ordered(options: Sequence[str], lot: random.Random) -> tuple[str, ...]:
    """The options shuffled, unless one of them speaks of the others by their place."""
    if any(REFERS_TO_OTHERS.search(option) for option in options):
        return tuple(options)
    return tuple(lot.sample(options, len(options)))
