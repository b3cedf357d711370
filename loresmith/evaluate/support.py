"""Whether a grounded answer is held up by its sources, and whether its citations are the right ones.

An answer is taken apart into statements. One is supported when a quote of the passages before the model holds its
numbers, its names with digits and most of its telling words: the rule by which the expert cites, and no judge. A
citation is right when its passage is the one that the question was made from, or holds its words.

Not covered: negation, and paraphrases without common words, which count as unsupported.
"""

from collections.abc import Container, Iterable, Mapping, Sequence

from loresmith.evaluate.grounding import Lookup
from loresmith.models.refusal import is_refusal
from loresmith.records import UNANSWERABLE, Evidence, Grade, Passage, Question, Record
from loresmith.retrieval.cite import citations, claims_of

DECLINED = "declined to answer"
NO_SOURCES = "no sources before the question"


class Support(Record):
    """What one grounded answer rests on."""

    question: str
    arm: str
    exam: str
    document: str
    statements: int = 0
    supported: int = 0
    """Statements that a passage holds up."""
    cited: int = 0
    """Citations made."""
    cited_rightly: int = 0
    needed: int = 0
    """Quotes that the question rests on."""
    found: int = 0
    """Those of them whose passage is cited."""
    unscored: str | None = None
    """Why nothing was measured."""


def measure(question: Question, grade: Grade, passages: Sequence[Passage]) -> Support:
    """The support of one answer by the `passages` that stood before its question."""
    bare = Support(question=question.id, arm=grade.arm, exam=grade.exam, document=question.document)
    reason = _unscored(grade, passages)
    if reason is not None:
        return bare.model_copy(update={"unscored": reason})
    claims = claims_of(grade.given)
    made = citations(grade.given, passages, question.question)
    evidence: list[Question | Evidence] = [question, *question.also]
    hits = [[_holds(passages[citation.number - 1], part) for part in evidence] for citation in made]
    return bare.model_copy(
        update={
            "statements": len(claims),
            "supported": sum(bool(citations(claim.text, passages, question.question)) for claim in claims),
            "cited": len(made),
            "cited_rightly": sum(any(row) for row in hits),
            "needed": len(evidence),
            "found": sum(any(row[place] for row in hits) for place in range(len(evidence))),
        }
    )


def measured(
    grades: Iterable[Grade],
    questions: Mapping[str, Question],
    lookups: Iterable[Lookup],
    grounded: Container[str],
    kept: Mapping[tuple[str, str], Support] | None = None,
) -> list[Support]:
    """The support of every short answer of the arms `grounded` to a question that the documents answer, in order.

    Args:
        grades: All answers.
        questions: By id.
        lookups: With their passages, where an answer is not among `kept`.
        grounded: Names of the arms with sources.
        kept: What was measured before, by (arm, question).
    """
    passages = {lookup.question: lookup.passages for lookup in lookups}
    before = kept or {}
    return [
        before.get((grade.arm, grade.question))
        or measure(questions[grade.question], grade, passages.get(grade.question, ()))
        for grade in grades
        if grade.form == "short" and grade.exam != UNANSWERABLE and grade.arm in grounded
    ]


def _unscored(grade: Grade, passages: Sequence[Passage]) -> str | None:
    if not passages:
        return NO_SOURCES
    if is_refusal(grade.given):
        return DECLINED
    return grade.unparsed if not claims_of(grade.given) or not grade.given else None


def _holds(passage: Passage, part: Question | Evidence) -> bool:
    return passage.chunk == part.chunk or _spaced(part.quote) in _spaced(passage.text)


def _spaced(text: str) -> str:
    return " ".join(text.split())
