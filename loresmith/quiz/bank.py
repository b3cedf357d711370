"""The bank of verified multiple-choice questions, and the choice of some for one quiz."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from loresmith import artifact
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.likeness import normalised
from loresmith.records import Chunk, Question

LEAST_OPTIONS = 2

Item = TypeVar("Item")


class Bank:
    """Multiple-choice questions, and the passages that they come from."""

    def __init__(
        self,
        questions: Sequence[Question],
        passages: Mapping[str, str],
        headings: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`passages` and `headings` map a chunk's id to its text and to the headings that it stands under.

        Questions that are no multiple choice are left out.
        """
        self._questions = tuple(sorted((one for one in questions if _is_askable(one)), key=lambda one: one.id))
        self._passages = dict(passages)
        self._headings = {chunk: tuple(path) for chunk, path in (headings or {}).items()}

    @classmethod
    def open(cls, project: Path) -> "Bank":
        """The bank of the project folder `project`.

        Raises:
            ArtifactMissing: `loresmith generate` has not finished there.
            ArtifactCorrupt: a question names a chunk that is not there.
        """
        made = artifact.read(project / "questions", made_by="generate")
        chunks = list(artifact.read(project / "chunks", made_by="chunk").rows(Chunk))
        bank = cls(
            list(made.rows(Question)),
            {chunk.id: chunk.text for chunk in chunks},
            {chunk.id: chunk.headings for chunk in chunks},
        )
        if any(one.chunk not in bank._passages for one in bank._questions):
            raise ArtifactCorrupt(made.path, "its questions are not about these chunks", made_by="generate")
        return bank

    def __len__(self) -> int:
        return len(self._questions)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that can be asked, in the order of their ids."""
        return self._questions

    @property
    def documents(self) -> dict[str, int]:
        """Every source with the number of facts that can be asked about it, in order of name."""
        facts: dict[str, set[str]] = {}
        for one in self._questions:
            facts.setdefault(one.source, set()).add(one.fact)
        return {source: len(facts[source]) for source in sorted(facts)}

    @property
    def sections(self) -> dict[str, int]:
        """Every heading with the number of facts below it that can be asked about, in order of name."""
        facts: dict[str, set[str]] = {}
        for one in self._questions:
            for heading in self._headings.get(one.chunk, ()):
                facts.setdefault(heading, set()).add(one.fact)
        return {heading: len(facts[heading]) for heading in sorted(facts)}

    def passage(self, question: Question) -> str:
        """The text that `question` was made from; its quote where the chunk is unknown."""
        return self._passages.get(question.chunk, question.quote)

    def headings(self, question: Question) -> tuple[str, ...]:
        """The headings above the passage of `question`, from the outermost; none where they are unknown."""
        return self._headings.get(question.chunk, ())

    def draw(
        self,
        count: int,
        rng: np.random.Generator,
        documents: Sequence[str] = (),
        sections: Sequence[str] = (),
        facts: Collection[str] = (),
    ) -> tuple[Question, ...]:
        """Up to `count` questions from `documents` (their sources; none means all), spread evenly over them.

        With `sections` only what stands below one of these headings is asked, with `facts` only what is about one of
        them. No two are about one fact, worded alike, or the same answer from the same quote; options are shuffled.

        Raises:
            UserError: a document or a section is unknown, or there is nothing to ask.
        """
        if missing := [heading for heading in sections if heading not in self.sections]:
            raise UserError(
                f"There are no questions about the section {missing[0]!r}.", next_step="Choose a heading as it stands."
            )
        asked = sorted(set(documents)) or list(self.documents)
        if unknown := [source for source in asked if source not in self.documents]:
            raise UserError(
                f"There are no questions about {unknown[0]!r}.",
                next_step=f"Choose from: {', '.join(self.documents) or 'nothing; run `loresmith generate`'}.",
            )
        if not asked:
            raise UserError(
                "There is no multiple-choice question to ask.",
                next_step="Run `loresmith generate`; add documents with tables, figures and definitions.",
            )
        piles = [self._shuffled_pile(source, rng, set(sections)) for source in _shuffled(asked, rng)]
        if facts:
            piles = [[one for one in pile if one.fact in facts] for pile in piles]
        chosen: list[Question] = []
        while len(chosen) < count and any(piles):
            for pile in piles:
                one = _next_apart(pile, chosen)
                if one is not None and len(chosen) < count:
                    chosen.append(one)
        if not chosen:
            raise UserError("There is nothing to ask about that.", next_step="Choose other documents or sections.")
        return tuple(one.model_copy(update={"options": tuple(_shuffled(one.options, rng))}) for one in chosen)

    def _shuffled_pile(self, source: str, rng: np.random.Generator, sections: set[str]) -> list[Question]:
        """Questions about `source`, below one of `sections` where there are some."""
        about = [one for one in self._questions if one.source == source]
        if sections:
            about = [one for one in about if not sections.isdisjoint(self._headings.get(one.chunk, ()))]
        return _shuffled(about, rng)


def _is_askable(question: Question) -> bool:
    options = question.options
    is_whole = len(options) >= LEAST_OPTIONS and len(set(options)) == len(options) and question.answer in options
    return question.form == "choice" and is_whole


def _next_apart(pile: list[Question], chosen: Sequence[Question]) -> Question | None:
    """The next question of `pile` that asks nothing that was asked; what it passes over is taken off the pile."""
    while pile:
        one = pile.pop()
        if not any(_is_same(one, other) for other in chosen):
            return one
    return None


def _is_same(one: Question, other: Question) -> bool:
    is_same_words = normalised(one.question) == normalised(other.question)
    return one.fact == other.fact or is_same_words or (one.quote == other.quote and one.answer == other.answer)


def _shuffled(items: Sequence[Item], rng: np.random.Generator) -> list[Item]:
    return [items[int(index)] for index in rng.permutation(len(items))]
