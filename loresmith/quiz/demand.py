"""A quiz whose questions come from the verified bank first, and are written on demand where it has too few.

What is written passes the same checks as the bank's questions; where nothing does, the person is told so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loresmith import artifact
from loresmith.errors import UserError
from loresmith.quiz.bank import Bank
from loresmith.quiz.session import Session
from loresmith.quiz.spans import Library
from loresmith.quiz.writing import Author, Written
from loresmith.records import Chunk, Question


@dataclass(frozen=True)
class Wish:
    """What a quiz is to be about."""

    count: int = 10
    documents: tuple[str, ...] = ()
    """Their sources; none means all."""
    sections: tuple[str, ...] = ()
    """Headings below which the questions must lie; none means anywhere."""
    facts: tuple[str, ...] = ()
    """Only what is about one of these, such as what is due today; none means all."""


@dataclass(frozen=True)
class Drawn:
    """A quiz, and how it came about."""

    session: Session
    banked: int
    """Questions from the bank."""
    written: Written | None = None
    """What was tried beside them; `None` where the bank had enough, or nobody could write."""

    def account(self) -> str:
        """What was written, in a line for people; empty where nothing was tried."""
        if self.written is None:
            return ""
        kept = len(self.written.questions)
        fell = "; ".join(f"{reason}: {count}" for reason, count in self.written.reasons.items())
        told = f"The bank had {self.banked} questions about this; {kept} of {self.written.asked} written now passed"
        return f"{told} ({fell})." if fell else f"{told}."


def library(project: Path) -> Library:
    """What can be asked about the documents of the project folder `project`.

    Raises:
        ArtifactMissing: they were not cut into chunks yet.
    """
    return Library(artifact.read(project / "chunks", made_by="chunk").rows(Chunk))


def drawn(bank: Bank, wish: Wish, seed: int, author: Author | None = None) -> Drawn:
    """The quiz for `wish`; the same seed draws the same questions, and has the same ones written.

    Raises:
        UserError: there is nothing to ask; says what was tried.
    """
    rng = np.random.default_rng(seed)
    if author is None:
        banked = bank.draw(wish.count, rng, wish.documents, wish.sections, wish.facts)
        return Drawn(_session(bank, banked), len(banked))
    about = _about(author.library.chunks(), wish)
    try:
        banked = bank.draw(wish.count, rng, wish.documents, wish.sections)
    except UserError:
        if not about:
            raise
        banked = ()
    if len(banked) >= wish.count:
        return Drawn(_session(bank, banked), len(banked))
    written = author.write(wish.count - len(banked), about, bank.questions, rng)
    if not banked and not written.questions:
        raise _nothing(written)
    return Drawn(_session(bank, (*banked, *written.questions)), len(banked), written)


def _session(bank: Bank, questions: Sequence[Question]) -> Session:
    return Session(tuple(questions), tuple(bank.passage(question) for question in questions))


def _about(chunks: Sequence[Chunk], wish: Wish) -> list[Chunk]:
    """The chunks of the documents and sections that are wished for."""
    return [
        chunk
        for chunk in chunks
        if (not wish.documents or chunk.source in wish.documents)
        and (not wish.sections or not set(wish.sections).isdisjoint(chunk.headings))
    ]


def _nothing(written: Written) -> UserError:
    reasons = ", ".join(f"{reason} ({count})" for reason, count in written.reasons.items()) or "no sentence fits"
    return UserError(
        f"No question can be asked about that: the bank has none, and of {written.asked} written now none passed the "
        f"checks: {reasons}.",
        next_step="Choose other documents or sections, or run `loresmith generate` with a stronger teacher.",
    )
