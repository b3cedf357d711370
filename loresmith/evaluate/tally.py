"""Grades to figures: a pure function of the log, the questions and a seed."""

import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from loresmith import statistics
from loresmith.evaluate.arms import comparisons
from loresmith.evaluate.grounding import Lookup
from loresmith.evaluate.results import Cell, Found, Pair, Part, Refusals, Scope
from loresmith.models.refusal import is_refusal
from loresmith.records import UNANSWERABLE, Estimate, Grade, Question
from loresmith.statistics import SMALL

SCOPES: tuple[Scope, ...] = ("short", "choice", "long", "all")


@dataclass(frozen=True)
class Log:
    """All grades of an examination, and what is needed to count them."""

    grades: Sequence[Grade]
    questions: Mapping[str, Question]
    samples: int
    seed: int
    by_cell: dict[tuple[str, Scope, str], list[Grade]] = field(default_factory=dict)
    """(exam, form, arm) to the grades that are right or wrong, in the same order of questions for every arm.

    Of the long answers, those to questions that a trusted judge graded in every arm."""
    long: dict[tuple[str, str], list[Grade]] = field(default_factory=dict)
    """(exam, arm) to all long answers, graded or not, in the same order of questions for every arm."""

    def __post_init__(self) -> None:
        ungraded = {(grade.exam, grade.question) for grade in self.grades if grade.correct is None}
        for grade in self.grades:
            if grade.form == "long":
                self.long.setdefault((grade.exam, grade.arm), []).append(grade)
            for scope in () if (grade.exam, grade.question) in ungraded else (grade.form, "all"):
                self.by_cell.setdefault((grade.exam, scope, grade.arm), []).append(grade)

    def asked(self) -> Iterator[tuple[str, Scope]]:
        """Every (exam, form) that was asked, exams in their order, the pooled form last."""
        for exam in dict.fromkeys(grade.exam for grade in self.grades):
            for scope in SCOPES:
                if any(key[:2] == (exam, scope) for key in self.by_cell):
                    yield exam, scope

    def arms(self) -> list[str]:
        """The arms in the order in which they sat."""
        return list(dict.fromkeys(grade.arm for grade in self.grades))

    def rng(self, *names: str) -> np.random.Generator:
        """A generator of its own for each figure, so that none depends on which others are computed."""
        return generator(self.seed, *names)


def generator(seed: int, *names: str) -> np.random.Generator:
    """The generator of the figure called `names`."""
    return np.random.default_rng([seed, zlib.crc32("/".join(names).encode())])


def cells(log: Log) -> tuple[Cell, ...]:
    """One cell for each arm, exam and form, and for the forms pooled."""
    return tuple(_cell(log, exam, scope, arm) for exam, scope in log.asked() for arm in log.arms())


Compared = Callable[[Log, str, Scope], Iterable[tuple[str, str]]]
"""Which arms are compared in an exam and form, as (better, than)."""


def pairs(log: Log, compared_in: Compared | None = None) -> tuple[Pair, ...]:
    """Every comparison of arms within each exam and form, p-values adjusted for their number."""
    made: list[Pair] = []
    for exam, scope in log.asked():
        chosen = (compared_in or _compared)(log, exam, scope)
        compared = [_pair(log, exam, scope, better, than) for better, than in chosen]
        adjusted = statistics.holm({pair.name: pair.p for pair in compared})
        made += [pair.model_copy(update={"p_holm": round(adjusted[pair.name], 6)}) for pair in compared]
    return tuple(made)


def parts(log: Log) -> tuple[Part, ...]:
    """Each arm on each kind of question and on each document, forms pooled."""
    made: list[Part] = []
    for (exam, scope, arm), grades in log.by_cell.items():
        if scope != "all":
            continue
        groups: dict[tuple[Literal["kind", "document"], str], list[bool]] = {}
        for grade in grades:
            question = log.questions[grade.question]
            groups.setdefault(("kind", question.kind), []).append(grade.correct is True)
            groups.setdefault(("document", question.source), []).append(grade.correct is True)
        made += [
            Part(
                by=by,
                name=name,
                arm=arm,
                exam=exam,
                form=scope,
                accuracy=statistics.wilson(sum(marks), len(marks)),
                is_small=len(marks) < SMALL,
            )
            for (by, name), marks in sorted(groups.items())
        ]
    return tuple(made)


def refusals(log: Log) -> tuple[Refusals, ...]:
    """How often each arm declines to answer, where that is right and where it is wrong; by its short answers."""
    rightly: dict[str, list[bool]] = {}
    wrongly: dict[str, list[bool]] = {}
    for grade in log.grades:
        if grade.form == "short":
            kind = rightly if grade.exam == UNANSWERABLE else wrongly
            kind.setdefault(grade.arm, []).append(is_refusal(grade.given))
    return tuple(
        Refusals(arm=arm, rightly=share(rightly[arm]), wrongly=share(wrongly.get(arm, [])))
        for arm in log.arms()
        if arm in rightly
    )


def share(marks: Sequence[bool]) -> Estimate | None:
    """The share of true `marks` with its Wilson interval; `None` where there are none."""
    return statistics.wilson(sum(marks), len(marks)) if marks else None


def retrieval(log: Log, lookups: Mapping[str, Lookup], k: int) -> tuple[Found, ...]:
    """How often retrieval brought the right chunk, by exam; nothing where nothing was looked up, or is to be found."""
    found = []
    for exam in dict.fromkeys(grade.exam for grade in log.grades if grade.exam != UNANSWERABLE):
        asked = dict.fromkeys(grade.question for grade in log.grades if grade.exam == exam)
        seen = [lookups[question] for question in asked if question in lookups]
        if not seen:
            continue
        documents = [log.questions[lookup.question].document for lookup in seen]
        facts = [log.questions[lookup.question].fact for lookup in seen]
        gains = [_gain(log.questions[lookup.question], lookup.chunks) for lookup in seen]
        ranks = [1 / lookup.gold_rank if lookup.gold_rank else 0.0 for lookup in seen]
        found.append(
            Found(
                exam=exam,
                k=k,
                hit=statistics.wilson(sum(lookup.gold_rank is not None for lookup in seen), len(seen)),
                reciprocal_rank=statistics.bootstrap(ranks, documents, log.rng(exam, "mrr"), log.samples, facts),
                quoted=statistics.wilson(sum(lookup.has_quote for lookup in seen), len(seen)),
                gain=statistics.bootstrap(gains, documents, log.rng(exam, "ndcg"), log.samples, facts),
            )
        )
    return tuple(found)


def _gain(question: Question, chunks: Sequence[str]) -> float:
    """The nDCG of `chunks`, best first, with those that `question` rests on as the relevant ones.

    Järvelin and Kekäläinen 2002, ACM TOIS 20(4), binary gains and log2(rank + 1) as the discount. The ideal is cut at
    the number of chunks that were looked up.
    """
    wanted = {question.chunk, *(evidence.chunk for evidence in question.also)}
    gained = sum(1 / math.log2(rank + 1) for rank, chunk in enumerate(chunks, 1) if chunk in wanted)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(wanted), len(chunks)) + 1))
    return gained / ideal if ideal else 0.0


def _cell(log: Log, exam: str, scope: Scope, arm: str) -> Cell:
    grades = log.by_cell[exam, scope, arm]
    short = [grade for grade in grades if grade.form == "short"]
    return Cell(
        arm=arm,
        exam=exam,
        form=scope,
        n=len(grades),
        accuracy=statistics.share(
            _marks(grades),
            [grade.document for grade in grades],
            [grade.fact for grade in grades],
        ),
        token_f1=_mean_f1(log, short, exam, scope, arm) if short else None,
        exact=share([grade.exact for grade in short if grade.exact is not None]) if exam != UNANSWERABLE else None,
        unparsed=dict(sorted(Counter(grade.unparsed for grade in grades if grade.unparsed).items())),
    )


def _marks(grades: Iterable[Grade]) -> list[bool]:
    return [grade.correct is True for grade in grades]


def _mean_f1(log: Log, short: Sequence[Grade], exam: str, scope: Scope, arm: str) -> Estimate:
    return statistics.bootstrap(
        [grade.token_f1 for grade in short],
        [grade.document for grade in short],
        log.rng(exam, scope, arm, "f1"),
        log.samples,
        [grade.fact for grade in short],
    )


def _compared(log: Log, exam: str, scope: Scope) -> list[tuple[str, str]]:
    arms = log.arms()
    compared = comparisons(arms)
    singles = [arm for arm in ("rag", "lora") if arm in arms]  # rag first: it wins ties, being the simpler one
    if "lora+rag" in arms and singles:
        best = max(singles, key=lambda arm: sum(_marks(log.by_cell[exam, scope, arm])))
        compared.append(("lora+rag", best))
    return compared


def _pair(log: Log, exam: str, scope: Scope, better: str, than: str) -> Pair:
    after, before = log.by_cell[exam, scope, better], log.by_cell[exam, scope, than]
    right, right_before = _marks(after), _marks(before)
    lost, won = statistics.discordant(right_before, right)
    name = f"{better} - {than}"
    short = [(old, new) for old, new in zip(before, after, strict=True) if new.form == "short"]
    return Pair(
        name=name,
        better=better,
        than=than,
        exam=exam,
        form=scope,
        difference=statistics.paired_bootstrap(
            right_before,
            right,
            [grade.document for grade in after],
            log.rng(exam, scope, name),
            log.samples,
            [grade.fact for grade in after],
        ),
        token_f1=statistics.paired_bootstrap(
            [old.token_f1 for old, _ in short],
            [new.token_f1 for _, new in short],
            [new.document for _, new in short],
            log.rng(exam, scope, name, "f1"),
            log.samples,
            [new.fact for _, new in short],
        )
        if short
        else None,
        won=won,
        lost=lost,
        p=round(statistics.mcnemar(won, lost), 6),
        p_holm=1.0,
        visible=statistics.smallest_visible_difference(len(after), (won + lost) / len(after)),
    )
