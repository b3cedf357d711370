"""The nouns of a watch: what changed, why a round began, what became of it, what an exam on the way showed."""

from typing import Any, Literal

from pydantic import Field

from loresmith.records import Estimate, Record

Kind = Literal["documents", "refresh", "accuracy", "feedback", "rejected", "asked", "hook"]
Outcome = Literal["promoted", "kept", "cannot tell", "refreshed", "unchanged", "failed"]


class Changes(Record):
    """How the documents differ from those that the champion answers from, by their names; content decides."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.withdrawn)

    def words(self) -> str:
        """Such as `2 new (a.md, b.md), 1 withdrawn (c.md)`."""
        told = [
            f"{len(names)} {kind} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
            for kind in ("new", "changed", "withdrawn")
            if (names := getattr(self, kind))
        ]
        return ", ".join(told) or "no document changed"


class Reason(Record):
    """Why a round begins."""

    kind: Kind
    words: str

    @property
    def trains(self) -> bool:
        """Whether it asks for training, whatever the recipe says about changed documents."""
        return self.kind != "documents"


class Cost(Record):
    """What a round will take, by what the same work took before."""

    seconds: float | None
    """`None` where nothing like it was done yet."""
    rows: int
    """Questions to train on."""
    questions: int
    """Of the exams, each asked in every arm."""

    def words(self) -> str:
        """For people, before the work begins."""
        asked = f"{self.rows:,} rows to train on, {self.questions:,} exam questions"
        if self.seconds is None:
            return f"{asked}; how long it takes is not known yet (see `loresmith plan`)"
        long = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 120 else f"{self.seconds:.0f} seconds"
        return f"{asked}; about {long}, by what the last round took"


class Started(Record):
    """The round under way, and what it has done: the journal that a killed one goes on from."""

    number: int
    began: str
    """ISO 8601, UTC."""
    reason: Reason
    changes: Changes
    documents: str
    """Hash over the documents as they were found."""
    trains: bool
    steps: dict[str, Any] = Field(default={})
    """Finished steps by name, with what each left to say."""


class Round(Record):
    """What became of a round."""

    number: int
    began: str
    ended: str
    reason: Reason
    changes: Changes
    documents: str
    outcome: Outcome
    headline: str
    """The decision and its numbers, in a sentence."""
    champion: int | None
    """Who answers after it."""
    refreshed: int | None = None
    """The version with the adapter of the champion and the current index."""
    candidate: int | None = None
    against: int | None = None
    before: Estimate | None = None
    """Accuracy of who was to be replaced, on the exam of the round."""
    after: Estimate | None = None
    """Of the candidate, on the same questions."""
    difference: Estimate | None = None
    expected: Cost | None = None
    seconds: dict[str, float] = Field(default={})
    """By step, as far as this process did them."""
    cautions: tuple[str, ...] = ()


class Sitting(Record):
    """The champion's exam on current questions, between rounds."""

    at: str
    """ISO 8601, UTC."""
    champion: int
    arm: str
    accuracy: Estimate
    baseline: float | None
    """The accuracy with which it was promoted; `None` where it was not promoted by a round."""
    is_below: bool
    """Whether it is below the share of the baseline that the recipe allows."""
