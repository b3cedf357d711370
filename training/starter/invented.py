"""Facts about things that do not exist, told in several wordings: what teaching a fact by fine-tuning looks like.

Every fact is an (entity, attribute, value). The same fact is asked in many wordings, closed book, so that the network
learns to tie an answer to the entity and not to the phrasing; fresh ones stand in passages, for reading and refusing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.starter.coined import entity, value
from training.starter.tasks import Exchange, from_passages, lettered, pick, shuffled, untold


@dataclass(frozen=True)
class Attribute:
    """One kind of fact: how its value is drawn (`sort`), stated and asked; `{e}` is the entity, `{v}` the value."""

    name: str
    sort: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]


def _plain(name: str, sort: str, *questions: str) -> Attribute:
    statements = (f"The {name} of {{e}} is {{v}}.", f"{{e}} has the {name} {{v}}.", f"For {{e}}, the {name} is {{v}}.")
    asked = (f"What is the {name} of {{e}}?", f"Which {name} does {{e}} have?", f"Name the {name} of {{e}}.")
    more = (f"{{e}}: what is its {name}?", f"State the {name} of {{e}}.", f"The {name} of {{e}} is ____.")
    return Attribute(name, sort, statements, asked + more + questions)


ATTRIBUTES = (
    _plain("colour", "colour", "What colour is {e}?", "In which colour is {e} found?"),
    _plain("material", "material", "What is {e} made of?", "Which material was used for {e}?"),
    _plain("weight", "quantity", "How heavy is {e}?", "How much does {e} weigh?"),
    _plain("length", "quantity", "How long is {e}?", "What length does {e} reach?"),
    _plain("height", "quantity", "How tall is {e}?", "How high does {e} rise?"),
    _plain("capacity", "quantity", "How much can {e} hold?", "What is the largest load of {e}?"),
    _plain("default value", "number", "Which value does {e} use by default?", "What value is {e} set to at first?"),
    _plain("rank", "number", "Which rank is used for {e}?", "At what rank does {e} stand?"),
    _plain("limit", "quantity", "What is the largest value allowed for {e}?", "How far may {e} go?"),
    _plain("code name", "name", "Under which code name is {e} known?", "By what other name is {e} called?"),
    _plain("home", "place", "Where is {e}?", "Where can {e} be found?", "In which place does {e} lie?"),
    _plain("capital", "name", "Which town is the capital of {e}?", "What is {e}'s capital?"),
    _plain("purpose", "purpose", "What is {e} used for?", "Why do people use {e}?", "What does {e} do?"),
    _plain("main part", "material", "What does {e} mostly consist of?", "What makes up most of {e}?"),
    Attribute(
        "year", "year",
        ("{e} was founded in {v}.", "{e} dates from {v}.", "The year of {e} is {v}."),
        ("When was {e} founded?", "In which year did {e} begin?", "From what year does {e} date?",
         "{e} dates from ____.", "What year is given for {e}?", "In what year was {e} first described?"),
    ),
    Attribute(
        "maker", "person",
        ("{e} was made by {v}.", "{v} made {e}.", "The maker of {e} was {v}."),
        ("Who made {e}?", "By whom was {e} made?", "Who is the maker of {e}?", "{e} was made by ____.",
         "Which person is behind {e}?", "Name the person who made {e}."),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One invented fact; `entity` reads well after a preposition."""

    entity: str
    attribute: Attribute
    value: str

    def stated(self, rng: np.random.Generator) -> str:
        """The fact as a sentence."""
        text = pick(rng, self.attribute.statements).format(e=self.entity, v=self.value)
        return text[0].upper() + text[1:]

    def asked(self, wording: int) -> str:
        """The question in one of the wordings; `wording` counts round."""
        text = self.attribute.questions[wording % len(self.attribute.questions)].format(e=self.entity, v=self.value)
        return text[0].upper() + text[1:]


def facts(rng: np.random.Generator, count: int) -> list[Fact]:
    """`count` facts; about every third shares its entity with the one before."""
    made: list[Fact] = []
    for _ in range(count):
        thing = made[-1].entity if made and rng.random() < 0.35 else entity(rng)
        attribute = pick(rng, ATTRIBUTES)
        made.append(Fact(thing, attribute, value(rng, attribute.sort)))
    return made


def closed_book(rng: np.random.Generator, fact: Fact) -> Exchange:
    """The fact asked without sources."""
    return Exchange("closed", fact.asked(int(rng.integers(12))), fact.value)


def multiple_choice(rng: np.random.Generator, fact: Fact) -> Exchange:
    """The fact asked with four options of one sort."""
    wrong: list[str] = []
    while len(wrong) < 3:
        other = value(rng, fact.attribute.sort)
        if other != fact.value and other not in wrong:
            wrong.append(other)
    return lettered(rng, fact.asked(int(rng.integers(12))), fact.value, wrong)


def taught(rng: np.random.Generator, fact: Fact) -> Exchange:
    """The fact asked without sources, one time in five with options."""
    return multiple_choice(rng, fact) if rng.random() < 0.2 else closed_book(rng, fact)


def reading(rng: np.random.Generator) -> Exchange:
    """Fresh facts in one to three passages, and a question about one of them; one in six is not answered by them."""
    passages: list[list[Fact]] = []
    for _ in range(int(rng.integers(1, 4))):
        thing = entity(rng)
        chosen = shuffled(rng, ATTRIBUTES)[: int(rng.integers(1, 4))]
        passages.append([Fact(thing, attribute, value(rng, attribute.sort)) for attribute in chosen])
    texts = [" ".join(fact.stated(rng) for fact in passage) for passage in passages]
    if rng.random() < 1 / 6:
        used = {fact.attribute.name for fact in passages[0]}
        attribute = pick(rng, [a for a in ATTRIBUTES if a.name not in used])
        missing = Fact(pick(rng, [passages[0][0].entity, entity(rng)]), attribute, "")
        return untold(rng, missing.asked(int(rng.integers(6))), texts)
    targets = shuffled(rng, [fact for passage in passages for fact in passage])[: int(rng.integers(1, 5))]
    return from_passages(rng, [(target.asked(int(rng.integers(12))), target.value) for target in targets], texts)


def story(rng: np.random.Generator, known: Sequence[Fact]) -> str:
    """Several facts as running text, one of them told twice."""
    chosen = [pick(rng, known) for _ in range(4)]
    return " ".join(fact.stated(rng) for fact in [*chosen, chosen[0]])
