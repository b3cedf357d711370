"""Reading exercises from pages: several questions on one passage among others, options, and what it cannot answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loresmith.models.prompts import REFUSAL
from training.starter.asking import Asked
from training.starter.passages import Page
from training.starter.tasks import Exchange, from_passages, lettered, pick, shuffled

FOREIGN_SHARE = 0.13
"""Share of the questions that belong to another page, so that no source answers them."""
LETTER_SHARE = 0.14


def exchange(rng: np.random.Generator, page: Page, others: Sequence[Page], room: int) -> Exchange:
    """An exchange of up to six turns about `page`, with up to two of `others` as further sources.

    The texts of sources and turns together have at most about `room` characters, unless the page alone has more.
    """
    extra = [
        other.text for other in others[: int(rng.integers(0, 3))] if len(other.text) + len(page.text) < room * 2 / 3
    ]
    sources = shuffled(rng, [page.text, *extra])
    if rng.random() < LETTER_SHARE:
        asked = page.drawn(rng, 1)[0]
        wrong = _wrong(asked, page, others)
        if len(wrong) >= 3:
            return lettered(rng, pick(rng, asked.wordings), asked.answer, shuffled(rng, wrong[:8]), sources)
    shown = "\n".join(sources)
    chosen = page.drawn(rng, 6)
    turns = [_turn(rng, asked, others, shown) for asked in chosen]
    while len(turns) > 1 and len(shown) + sum(len(asked) + len(answer) + 60 for asked, answer in turns) > room:
        turns.pop()
    return from_passages(rng, turns, sources)


def closed(rng: np.random.Generator, page: Page) -> Exchange:
    """One question of `page` without its passage, as after teaching by LoRA."""
    asked = page.drawn(rng, 1)[0]
    return Exchange("closed", pick(rng, asked.wordings), asked.answer)


def _turn(rng: np.random.Generator, asked: Asked, others: Sequence[Page], shown: str) -> tuple[str, str]:
    if rng.random() < FOREIGN_SHARE:
        strange = pick(rng, others).drawn(rng, 1)[0]
        if strange.answer.lower() not in shown.lower():
            return pick(rng, strange.wordings), REFUSAL
    return pick(rng, asked.wordings), asked.answer


def _wrong(asked: Asked, page: Page, others: Sequence[Page]) -> list[str]:
    near = [*asked.rivals, *(other.answer for other in page.asked if other.sort == asked.sort)]
    far = [other.answer for page in others for other in page.asked if other.sort == asked.sort]
    return [answer for answer in dict.fromkeys([*near, *far]) if answer.lower() != asked.answer.lower()]
