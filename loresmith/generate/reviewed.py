"""What a review makes of the rows that a teacher proposes: rejected ones go, edited ones take their new words."""

from collections.abc import Iterator, Sequence
from typing import Literal

from loresmith.decisions import Decisions
from loresmith.generate.harvest import Harvest
from loresmith.generate.revision import revised, revision_fault
from loresmith.records import Question, Record

REVIEWED = "reviewed.jsonl"
REJECTED = "rejected in review"


class Reviewed(Record):
    """A row that somebody decided about, as it was proposed."""

    key: str
    verdict: Literal["accept", "edit", "reject"]
    start: int
    end: int
    """Span of its quote in the document's text: its fact may be gone with it."""
    row: Question
    dropped: str | None = None
    """Why it is not among the questions; `None` when it is."""


def apply(harvest: Harvest, decisions: Decisions) -> list[Reviewed]:
    """Carry out the decisions on the questions of `harvest`; each row that there was one for, in order.

    An edit that the checks refuse costs its row: the old words were not wanted either.
    """
    facts = {fact.id: fact for fact in harvest.facts}
    kept: list[Question] = []
    reviewed: list[Reviewed] = []
    for proposed in harvest.questions:
        decision = decisions.of(proposed)
        if decision is None or decision.verdict == "undecided":
            kept.append(proposed)
            continue
        fact = facts[proposed.fact]
        reviewed.append(
            Reviewed(key=decision.key, verdict=decision.verdict, start=fact.start, end=fact.end, row=proposed)
        )
        row = revised(proposed, decision) if decision.verdict == "edit" else proposed
        fault = revision_fault(row) if decision.verdict == "edit" else None
        if decision.verdict == "reject":
            harvest.dropped.append((row, REJECTED))
        elif fault is not None:
            harvest.dropped.append((row, f"edited in review: {fault}"))
        else:
            kept.append(row)
    harvest.questions = kept
    return reviewed


def outcomes(reviewed: Sequence[Reviewed], harvest: Harvest) -> Iterator[Reviewed]:
    """The rows with what became of them in the end: a sound one can still fall with its fact."""
    reasons = {row.id: reason for row, reason in harvest.dropped if isinstance(row, Question)}
    for row in reviewed:
        yield row.model_copy(update={"dropped": reasons.get(row.row.id)})
