"""More than right or wrong: what answers rest on, how long ones are worded, how well held-out text is predicted.

Shares over parts of answers (statements, citations, bytes) are ratios of sums; their intervals resample whole documents
as everywhere. What could not be measured is counted with its reason and is in no mean.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from loresmith import statistics
from loresmith.evaluate.held_text import Weighed
from loresmith.evaluate.long_answers import NO_PACKAGES
from loresmith.evaluate.results import Grounded, HeldText, Wording
from loresmith.evaluate.support import Support
from loresmith.evaluate.tally import Log
from loresmith.records import UNANSWERABLE, Estimate, Grade
from loresmith.scoring import overlap

BASE = "base"
LN2 = math.log(2)


def grounded(log: Log, supports: Sequence[Support]) -> tuple[Grounded, ...]:
    """Faithfulness and citations, by exam and arm."""
    groups: dict[tuple[str, str], list[Support]] = {}
    for support in supports:
        groups.setdefault((support.exam, support.arm), []).append(support)
    return tuple(_grounded(log, exam, arm, group) for (exam, arm), group in groups.items())


def wordings(log: Log) -> tuple[Wording, ...]:
    """ROUGE-L and BLEU of short questions whose reference is long, by exam and arm."""
    found = []
    for (exam, scope, arm), grades in log.by_cell.items():
        long = [grade for grade in grades if overlap.is_long(log.questions[grade.question].answer)]
        if scope == "short" and exam != UNANSWERABLE and long:
            found.append(_wording(log, exam, arm, long))
    return tuple(found)


def held_text(log: Log, weighed: Sequence[Weighed]) -> tuple[HeldText, ...]:
    """Bits per byte and perplexity by arm; the change against the base on the passages that both could weigh."""
    by_arm: dict[str, dict[str, Weighed]] = {}
    for row in weighed:
        by_arm.setdefault(row.arm, {})[row.question] = row
    return tuple(_held_text(log, arm, rows, by_arm.get(BASE, {})) for arm, rows in by_arm.items())


def _grounded(log: Log, exam: str, arm: str, group: Sequence[Support]) -> Grounded:
    scored = [support for support in group if support.unscored is None]

    def ratio(name: str, part: Callable[[Support], int], whole: Callable[[Support], int]) -> Estimate | None:
        rows = [(support.document, support.question, part(support), whole(support)) for support in scored]
        found = _ratio(log, (exam, arm, name), rows)
        # all alike: resampling sees no spread, but so many statements prove no more than Wilson says
        if found is None or found.low < found.high:
            return found
        return statistics.wilson(sum(row[2] for row in rows), sum(row[3] for row in rows))

    return Grounded(
        arm=arm,
        exam=exam,
        n=len(scored),
        faithful=ratio("faithful", lambda support: support.supported, lambda support: support.statements),
        precision=ratio("precision", lambda support: support.cited_rightly, lambda support: support.cited),
        recall=ratio("recall", lambda support: support.found, lambda support: support.needed),
        unscored=_reasons(support.unscored for support in group),
    )


def _wording(log: Log, exam: str, arm: str, grades: Sequence[Grade]) -> Wording:
    if not overlap.has_packages():
        return Wording(
            arm=arm, exam=exam, rouge_l=None, bleu=None, corpus_bleu=None, unscored={NO_PACKAGES: len(grades)}
        )
    readable = [grade for grade in grades if grade.unparsed is None]
    given = [grade.given if grade.unparsed is None else "" for grade in grades]  # an unreadable one says none of it
    references = [log.questions[grade.question].answer for grade in grades]

    def mean(name: str, scores: Sequence[float]) -> Estimate:
        documents, facts = [grade.document for grade in grades], [grade.fact for grade in grades]
        return statistics.bootstrap(scores, documents, log.rng(exam, arm, name), log.samples, facts)

    return Wording(
        arm=arm,
        exam=exam,
        rouge_l=mean("rouge-l", overlap.rouge_l(given, references)),
        bleu=mean("bleu", overlap.sentence_bleu(given, references)),
        corpus_bleu=round(overlap.corpus_bleu(given, references), 6) if readable else None,
        unscored={},
    )


def _held_text(log: Log, arm: str, rows: dict[str, Weighed], base: dict[str, Weighed]) -> HeldText:
    scored = [row for row in rows.values() if row.unscored is None]
    both = [row for row in scored if arm != BASE and row.question in base and base[row.question].unscored is None]
    per_token = [(row.document, row.question, row.nats, row.tokens) for row in scored]
    per_byte = [(row.document, row.question, row.nats / LN2, row.bytes) for row in scored]
    change = [(r.document, r.question, (r.nats - base[r.question].nats) / LN2, r.bytes) for r in both]
    return HeldText(
        arm=arm,
        passages=len(scored),
        bits_per_byte=_ratio(log, ("text", arm, "bytes"), per_byte, are_shares=False),
        perplexity=_exponential(_ratio(log, ("text", arm, "tokens"), per_token, are_shares=False)),
        change=_ratio(log, ("text", arm, "change"), change, are_shares=False),
        unscored=_reasons(row.unscored for row in rows.values()),
    )


def _ratio(
    log: Log, names: tuple[str, ...], rows: Sequence[tuple[str, str, float, int]], *, are_shares: bool = True
) -> Estimate | None:
    """Sum of parts over sum of wholes, from rows (document, unit, part, whole); `None` where the whole is 0.

    Each unit's mean is repeated as often as its whole counts: then the mean is the ratio, as in every resample.
    """
    wholes = [whole for *_, whole in rows]
    means = [part / whole if whole else 0.0 for *_, part, whole in rows]
    if not sum(wholes):
        return None
    return statistics.bootstrap(
        np.repeat(means, wholes),
        [row[0] for row in rows for _ in range(row[3])],
        log.rng(*names),
        log.samples,
        [row[1] for row in rows for _ in range(row[3])],
        are_shares=are_shares,
    )


def _exponential(nats: Estimate | None) -> Estimate | None:
    """Perplexity from nats per token, bounds too; beyond what a float holds it is unknown."""
    if nats is None or nats.high > math.log(1e300):
        return None
    value, low, high = (round(math.exp(one), 6) for one in (nats.value, nats.low, nats.high))
    return nats.model_copy(update={"value": value, "low": low, "high": high})


def _reasons(reasons: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(reason for reason in reasons if reason).items()))
