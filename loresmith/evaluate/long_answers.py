"""Long answers: how much of their references they say in the same words, by arm and between arms on the same questions.

ROUGE-L and BLEU by the packages that papers use, and token F1. None of them knows whether an answer is true: a right
one in other words scores low, and a wrong one with many of the words scores high. So they are means, never a share of
right answers, and decide nothing. Answers that were cut off are scored as far as they go; an empty one scores 0.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from loresmith import statistics
from loresmith.evaluate.arms import comparisons
from loresmith.evaluate.results import LongPair, LongScores, Measure
from loresmith.evaluate.sitting import CUT_OFF
from loresmith.evaluate.tally import Log
from loresmith.models import squad
from loresmith.records import Estimate, Grade, Question, Record
from loresmith.scoring import overlap

LONG = "long.jsonl"
"""Of an examination: one `LongMark` for each long answer."""
NO_PACKAGES = "rouge-score or sacrebleu is not installed: pip install 'loresmith[eval]'"
MEASURES: tuple[Measure, ...] = ("rouge_l", "bleu", "token_f1")


class LongMark(Record):
    """How much of its reference one long answer says, 0 to 1."""

    question: str
    fact: str
    document: str
    arm: str
    exam: str
    token_f1: float
    rouge_l: float | None
    """`None` where the packages that measure it and `bleu` are not installed."""
    bleu: float | None
    unparsed: str | None = None
    """Why it could not be read to its end, or at all."""


Marks = Mapping[tuple[str, str], Sequence[LongMark]]
"""(exam, arm) to marks, in the same order of questions for every arm."""
Contestants = Callable[[str, Sequence[str]], Iterable[tuple[str, str]]]
"""Which of the arms of an exam are compared, as (better, than)."""


def marks(log: Log) -> dict[tuple[str, str], list[LongMark]]:
    """The marks of every long answer."""
    return {place: _marked(grades, log.questions) for place, grades in log.long.items()}


def scores(log: Log, marked: Marks) -> tuple[LongScores, ...]:
    """Means with their intervals, by exam and arm."""
    return tuple(_scores(log, exam, arm, rows) for (exam, arm), rows in marked.items())


def pairs(log: Log, marked: Marks, compared_in: Contestants | None = None) -> tuple[LongPair, ...]:
    """Every comparison of arms within each exam, by each measure; p-values adjusted for the number of comparisons."""
    made: list[LongPair] = []
    for exam in dict.fromkeys(exam for exam, _ in marked):
        arms = [arm for other, arm in marked if other == exam]
        chosen = list((compared_in or _compared(marked))(exam, arms))
        for measure in MEASURES:
            found = [
                pair
                for better, than in chosen
                if (pair := _pair(log, measure, marked[exam, better], marked[exam, than])) is not None
            ]
            adjusted = statistics.holm({pair.name: statistics.p_of(pair.difference) for pair in found})
            made += [pair.model_copy(update={"p_holm": round(adjusted[pair.name], 6)}) for pair in found]
    return tuple(made)


def _marked(grades: Sequence[Grade], questions: Mapping[str, Question]) -> list[LongMark]:
    references = [questions[grade.question].answer for grade in grades]
    said = [squad.without_citations(grade.given, answer) for grade, answer in zip(grades, references, strict=True)]
    has = overlap.has_packages()
    rouge: Sequence[float | None] = overlap.rouge_l(said, references) if has else [None] * len(said)
    bleu: Sequence[float | None] = overlap.sentence_bleu(said, references) if has else [None] * len(said)
    return [
        LongMark(
            question=grade.question,
            fact=grade.fact,
            document=grade.document,
            arm=grade.arm,
            exam=grade.exam,
            token_f1=grade.token_f1,
            rouge_l=None if one is None else round(one, 6),
            bleu=None if other is None else round(other, 6),
            unparsed=grade.unparsed,
        )
        for grade, one, other in zip(grades, rouge, bleu, strict=True)
    ]


def _scores(log: Log, exam: str, arm: str, rows: Sequence[LongMark]) -> LongScores:
    grades = log.long[exam, arm]
    references = [log.questions[grade.question].answer for grade in grades]
    said = [squad.without_citations(grade.given, answer) for grade, answer in zip(grades, references, strict=True)]
    has = overlap.has_packages()
    reasons = Counter(row.unparsed for row in rows if row.unparsed)
    return LongScores(
        arm=arm,
        exam=exam,
        n=len(rows),
        token_f1=_known(_mean(log, "token_f1", rows)),
        rouge_l=_mean(log, "rouge_l", rows),
        bleu=_mean(log, "bleu", rows),
        corpus_bleu=round(overlap.corpus_bleu(said, references), 6) if has else None,
        words=_words(said),
        reference_words=_words(references),
        cut_off=reasons.pop(CUT_OFF, 0),
        unread=dict(sorted(reasons.items())),
        unscored={} if has else {NO_PACKAGES: len(rows)},
    )


def _mean(log: Log, measure: Measure, rows: Sequence[LongMark]) -> Estimate | None:
    """The mean of one measure; `None` where it was not taken."""
    values = _values(rows, measure)
    if values is None:
        return None
    rng = log.rng(rows[0].exam, rows[0].arm, "long", measure)
    documents, facts = [row.document for row in rows], [row.fact for row in rows]
    return statistics.bootstrap(values, documents, rng, log.samples, facts)


def _pair(log: Log, measure: Measure, after: Sequence[LongMark], before: Sequence[LongMark]) -> LongPair | None:
    new, old = _values(after, measure), _values(before, measure)
    if new is None or old is None:
        return None
    better, than, exam = after[0].arm, before[0].arm, after[0].exam
    name = f"{better} - {than}"
    documents, facts = [row.document for row in after], [row.fact for row in after]
    rng = log.rng(exam, name, "long", measure)
    return LongPair(
        name=name,
        better=better,
        than=than,
        exam=exam,
        measure=measure,
        difference=statistics.paired_bootstrap(old, new, documents, rng, log.samples, facts),
        p_holm=1.0,
    )


def _compared(marked: Marks) -> Contestants:
    """As right and wrong answers are compared; the better single arm is the one with the higher ROUGE-L, or F1."""

    def compared(exam: str, arms: Sequence[str]) -> list[tuple[str, str]]:
        chosen = comparisons(arms)
        singles = [arm for arm in ("rag", "lora") if arm in arms]  # rag first: it wins ties, being the simpler one
        if "lora+rag" in arms and singles:
            chosen.append(("lora+rag", max(singles, key=lambda arm: _strength(marked[exam, arm]))))
        return chosen

    return compared


def _strength(rows: Sequence[LongMark]) -> float:
    return sum(_values(rows, "rouge_l") or [row.token_f1 for row in rows])


def _values(rows: Sequence[LongMark], measure: Measure) -> list[float] | None:
    """One measure of every answer; `None` where it was not taken."""
    found = [getattr(row, measure) for row in rows]
    return None if any(value is None for value in found) else found


def _words(texts: Sequence[str]) -> float:
    return round(sum(len(text.split()) for text in texts) / len(texts), 1)


def _known(found: Estimate | None) -> Estimate:
    assert found is not None  # words are always counted
    return found
