"""A quiz of a project, ready for its first answer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from loresmith.quiz.bank import Bank
from loresmith.quiz.session import Session


def start(
    bank: Bank, count: int = 10, *, seed: int = 17, documents: Sequence[str] = (), sections: Sequence[str] = ()
) -> Session:
    """A session of up to `count` questions; the same seed draws the same questions with the same order of options.

    Raises:
        UserError: a document or a section is unknown, or there is nothing to ask.
    """
    questions = bank.draw(count, np.random.default_rng(seed), documents, sections)
    return Session(questions, tuple(bank.passage(question) for question in questions))


def open_quiz(project: Path, count: int = 10, *, seed: int = 17, documents: Sequence[str] = ()) -> Session:
    """As `start`, from the bank of the project folder `project`. Raises what `Bank.open` and `start` raise."""
    return start(Bank.open(project), count, seed=seed, documents=documents)
