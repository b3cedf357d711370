"""Rows that are conversations already, in any format that `loresmith.exchange` reads: general replay, and one's own."""

from collections.abc import Iterator
from dataclasses import replace

from loresmith.domains.multiple_choice import listed, options_of
from loresmith.domains.question import DomainQuestion, Found, each
from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dialogue, Dropped
from loresmith.exchange.files import Portion
from loresmith.exchange.reading import collected

SAYS_THE_TOPIC = ("topic", "category", "subject")


def conversations(portion: Portion) -> Iterator[Found]:
    """The conversations of a portion; rows that are one sentence in several hands keep their turns."""
    found = collected([replace(portion, split="train")])
    for dialogue in found.dialogues:
        yield _taken(dialogue, f"{portion.path}, conversation {dialogue.id}")
    yield from found.dropped


def own_rows(portion: Portion) -> Iterator[Found]:
    """Multiple-choice rows as questions with options, all others as conversations."""
    choices = tuple(row for row in portion.rows if options_of(row.content) is not None)
    others = tuple(row for row in portion.rows if options_of(row.content) is None)
    yield from each(listed)(replace(portion, rows=choices))
    if not others:
        return
    try:
        yield from conversations(replace(portion, rows=others))
    except UserError:
        if not choices:
            raise
        yield from (Dropped(place=row.place, reason="neither options nor a known format") for row in others)


def _taken(dialogue: Dialogue, place: str) -> DomainQuestion:
    topic = next((dialogue.aside[name] for name in SAYS_THE_TOPIC if dialogue.aside.get(name)), "")
    return DomainQuestion(
        place=place,
        question=dialogue.turns[0].text,
        answer=dialogue.turns[-1].text,
        evidence="\n\n".join(dialogue.contexts),
        topic=topic,
        conversation=dialogue,
    )
