"""What a round of generation has to say about itself: coverage, kinds, and why nothing was kept."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from loresmith.decisions import Decisions
from loresmith.errors import NothingKept
from loresmith.generate.harvest import Harvest
from loresmith.generate.reviewed import Reviewed
from loresmith.plugins import AskingTeacher, Teacher
from loresmith.records import Chunk, Document

MOST_SHOWN = 400
"""Characters of a raw answer in an error."""


def notes(harvest: Harvest, chunks: Collection[Chunk], documents: Collection[Document]) -> dict[str, Any]:
    """Counts for the report: facts and questions by kind, form and document, and how many chunks gave a fact."""
    asked = Counter(question.source for question in harvest.questions)
    facts = Counter(fact.source for fact in harvest.facts)
    names = sorted({document.source for document in documents})
    return {
        "facts": len(harvest.facts),
        "questions": len(harvest.questions),
        "proposed": {"facts": harvest.facts_read, "questions": harvest.questions_read},
        "kinds": dict(sorted(Counter(fact.kind for fact in harvest.facts).items())),
        "forms": dict(sorted(Counter(question.form for question in harvest.questions).items())),
        **_manners(harvest),
        "documents": {name: {"facts": facts[name], "questions": asked[name]} for name in names},
        "chunks": len(chunks),
        "chunks_with_facts": len({fact.chunk for fact in harvest.facts}),
    }


def _manners(harvest: Harvest) -> dict[str, dict[str, int]]:
    """Questions kept by style, length and persona; only what was asked for."""
    manners = [question.manner for question in harvest.questions if question.manner is not None]
    told = {
        "styles": Counter(manner.style for manner in manners if manner.style is not None),
        "lengths": Counter(manner.length for manner in manners if manner.length is not None),
        "personas": Counter(manner.persona for manner in manners if manner.persona is not None),
    }
    return {name: dict(sorted(counted.items())) for name, counted in told.items() if counted}


def review_notes(decisions: Decisions, reviewed: Sequence[Reviewed]) -> dict[str, int]:
    """Rows by verdict, decisions whose row was not proposed this time, and lines that could not be read."""
    verdicts = Counter(row.verdict for row in reviewed)
    return {
        "accept": verdicts["accept"],
        "edit": verdicts["edit"],
        "reject": verdicts["reject"],
        "without_row": len(decisions.by_key.keys() - {row.key for row in reviewed}),
        "torn_lines": decisions.torn,
    }


def nothing_kept(harvest: Harvest, chunks: Collection[Chunk], teacher: Teacher, called: str) -> NothingKept:
    """The error that shows what was looked at, why it all fell out, and what a model said first."""
    reasons = Counter(reason for _, reason in harvest.dropped)
    fell = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(3)) or "nothing was proposed"
    first = next((" ".join(chunk.text.split())[:160] for chunk in chunks), "")
    answer = teacher.first_answer() if isinstance(teacher, AskingTeacher) else None
    shown = "" if answer is None else f" The first answer of the model: {answer[:MOST_SHOWN]!r}"
    return NothingKept(
        f"No question was kept from {len(chunks)} chunks: teacher {called!r} proposed {harvest.facts_read} facts and"
        f" {harvest.questions_read} questions ({fell}). The first chunk begins: {first!r}{shown}",
        next_step="Add documents with statements, figures or tables in English, or choose another `generate.teacher`.",
    )
