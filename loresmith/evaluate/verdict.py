"""What to do with the model, in plain words, from the figures alone.

Rules, in order. A difference is *clear* when its 95% interval excludes zero and Holm's p is below 0.05.
1. An arm helps when it is clearly better than `base` in some exam and clearly worse in none.
2. `lora+rag` is shipped when it helps and is clearly better than the better single arm in some exam, worse in none; or
   when it alone helps; or when each single arm is clearly the better one in one exam and it is behind neither.
3. Else the single arm that helps is taken. Where both do, the clearly better one; where neither is, retrieval: it needs
   no training, follows the documents and shows its sources.
4. Where nothing helps: "nothing helped" if every interval rules out a gain of 5 points, else "cannot tell" with the
   number of questions that would.

Questions without an answer decide nothing: a model that knows nothing is best at them. They are evidence, and a caution
where they are answered all the same.

Not covered: general ability (`benchmark.floors` says what public benchmarks lost), cost, latency.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from loresmith import statistics
from loresmith.evaluate.results import (
    Cell,
    Found,
    Judged,
    Limited,
    LongScores,
    Pair,
    Refusals,
    Verdict,
    cell_of,
    pairs_of,
)
from loresmith.records import UNANSWERABLE

WORTH = 0.05
"""The gain that matters, 5 points: a smaller one is not worth another moving part."""
MANY_UNPARSED = 0.05
FEWEST_REFUSED = 0.6
"""Of the questions without an answer: who refuses less gets a caution."""
MOST_REFUSED = 0.15
"""Of the questions with an answer: who refuses more gets a caution."""
ONLY_LONG = "Cannot tell: only long answers were asked for, and no trusted judge graded them."
WAYS = {"lora": "fine-tuning", "rag": "retrieval", "lora+rag": "fine-tuning with retrieval", "base": "the base model"}


def verdict(
    cells: tuple[Cell, ...],
    pairs: tuple[Pair, ...],
    retrieval: Sequence[Found] = (),
    limited: Sequence[Limited] = (),
    refusals: Sequence[Refusals] = (),
    long: Sequence[LongScores] = (),
) -> Verdict:
    """The decision with its evidence; pooled forms decide, and of long answers only those that a judge graded."""
    exams = tuple(dict.fromkeys(cell.exam for cell in cells))
    evidence = tuple(_evidence(cells, pairs, exams))
    cautions = (*_cautions(cells, retrieval, limited), *_answered(refusals), *_undecided(cells, long))
    pairs = tuple(pair for pair in pairs if pair.exam != UNANSWERABLE)
    if not cells and long:
        return Verdict(decision="unclear", headline=ONLY_LONG, evidence=evidence, cautions=cautions)
    against_base = [pair for pair in pairs if pair.form == "all" and pair.than == "base"]
    if not against_base:
        return Verdict(
            decision="unclear",
            headline="Cannot tell: nothing was compared with the base model.",
            evidence=evidence,
            cautions=("Add `base` and one other arm to `evaluate.arms`.", *cautions),
        )
    helping = [arm for arm in ("lora", "rag", "lora+rag") if _helps(pairs, arm)]
    if not helping:
        return _nothing(against_base, evidence, cautions)
    decision = _chosen(pairs, helping)
    return Verdict(
        decision=decision,
        headline=_headline(pairs, decision, helping),
        evidence=evidence,
        cautions=(*_unproven(pairs, decision), *cautions),
    )


def with_judge(found: Verdict, judged: Judged | None) -> Verdict:
    """`found` with what has to be known of the judge of long answers, if there was one."""
    if judged is None:
        return found
    return found.model_copy(update={"cautions": (*found.cautions, judged.words)})


def is_clear(pair: Pair) -> bool:
    """Whether the difference is there beyond reasonable doubt, in either direction."""
    excludes_zero = pair.difference.low > 0 or pair.difference.high < 0
    return excludes_zero and pair.p_holm < 1 - statistics.CONFIDENCE


def points(share: float) -> str:
    """A difference of shares in percentage points, signed, such as `+6.3`."""
    return f"{100 * share:+.1f}".replace("-", "−")


def _chosen(pairs: Sequence[Pair], helping: Sequence[str]) -> Literal["lora", "rag", "lora+rag"]:
    singles = [arm for arm in helping if arm != "lora+rag"]
    if "lora+rag" in helping:
        against_best = _clear(pairs, "lora+rag", "lora", "rag")
        if not singles or (against_best and min(against_best) > 0) or (_each_has_its_exam(pairs) and not against_best):
            return "lora+rag"
    if len(singles) == 1:
        return "lora" if singles == ["lora"] else "rag"
    behind = _clear(pairs, "rag", "lora")
    return "lora" if behind and max(behind) < 0 else "rag"


def _each_has_its_exam(pairs: Sequence[Pair]) -> bool:
    """Whether retrieval is clearly better than fine-tuning in one exam and clearly worse in another."""
    compared = _clear(pairs, "rag", "lora")
    return bool(compared) and min(compared) < 0 < max(compared)


def _helps(pairs: Sequence[Pair], arm: str) -> bool:
    compared = _clear(pairs, arm, "base")
    return bool(compared) and min(compared) > 0


def _clear(pairs: Sequence[Pair], better: str, *than: str) -> list[float]:
    """The clear differences of `better` from the arms `than`, one per exam at most."""
    found = (pair for pair in pairs if pair.form == "all" and pair.better == better and pair.than in than)
    return [pair.difference.value for pair in found if is_clear(pair)]


def _nothing(pairs: Sequence[Pair], evidence: tuple[str, ...], cautions: tuple[str, ...]) -> Verdict:
    harmed = sorted({WAYS[pair.better] for pair in pairs if is_clear(pair) and pair.difference.value < 0})
    note = f" {_listed(harmed).capitalize()} clearly harmed." if harmed else ""
    open_ones = [pair for pair in pairs if pair.difference.high >= WORTH and not is_clear(pair)]
    if not open_ones:
        return Verdict(
            decision="none",
            headline=f"Nothing helped: a gain of {100 * WORTH:.0f} points or more is ruled out.{note}",
            evidence=evidence,
            cautions=cautions,
        )
    needed = max(_needed(pair) for pair in open_ones)
    asked = max(pair.difference.n for pair in open_ones)
    return Verdict(
        decision="unclear",
        headline=f"Cannot tell: needs about {needed:,} questions per exam instead of {asked:,}.{note}",
        evidence=evidence,
        cautions=cautions,
        questions_needed=needed,
    )


def _needed(pair: Pair) -> int:
    """Questions that would show what is seen, or a gain of 5 points if less is seen."""
    n = pair.difference.n
    needed = statistics.questions_needed(max(WORTH, pair.difference.value), (pair.won + pair.lost) / n)
    return max(_rounded(needed), _rounded(n + 1))


def _rounded(number: int) -> int:
    """Up to two digits that matter: a forecast is no count."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def _headline(pairs: Sequence[Pair], decision: str, helping: Sequence[str]) -> str:
    gains = [pair for pair in pairs if pair.form == "all" and pair.better == decision and pair.than == "base"]
    best = max(gains, key=lambda pair: (is_clear(pair), pair.difference.value))
    gain = f"{points(best.difference.value)} points over the base model on {best.exam}"
    if decision == "lora+rag":
        return f"Ship lora+rag: {_together(pairs, helping)} ({gain})."
    words = "Use retrieval alone" if decision == "rag" else "Fine-tuning helped: ship the adapter"
    return f"{words} ({gain}){_other(pairs, decision, helping)}."


def _together(pairs: Sequence[Pair], helping: Sequence[str]) -> str:
    if set(helping) == {"lora+rag"}:
        return "neither fine-tuning nor retrieval clearly helps alone, together they do"
    if _clear(pairs, "lora+rag", "lora", "rag"):
        return "the two together do better than either alone"
    return "fine-tuning is better in one exam, retrieval in the other, and together they lose nothing"


def _other(pairs: Sequence[Pair], decision: str, helping: Sequence[str]) -> str:
    """What became of the single arm that was not taken."""
    other = "lora" if decision == "rag" else "rag"
    if not any(pair.better == other for pair in pairs):
        return ""
    if other not in helping:
        return f"; {WAYS[other]} did not clearly help"
    if _each_has_its_exam(pairs):
        return f"; {WAYS[other]} is better in one exam, worse in the other"
    if _clear(pairs, "rag", "lora"):
        return f"; that is clearly better than {WAYS[other]}"
    return f"; {WAYS[other]} helps too, but adds nothing that this exam can show"


def _unproven(pairs: Sequence[Pair], decision: str) -> Iterator[str]:
    """Exams in which the chosen arm shows no gain; a headline must not be read as covering them."""
    gains = [pair for pair in pairs if pair.form == "all" and pair.better == decision and pair.than == "base"]
    better = " and ".join(pair.exam for pair in gains if is_clear(pair))
    for pair in gains:
        if not is_clear(pair):
            yield (
                f"The gain is on {better} alone: on {pair.exam}, {WAYS[decision]} shows no clear difference from the "
                f"base model ({points(pair.difference.value)} points [{points(pair.difference.low)}, "
                f"{points(pair.difference.high)}])."
            )


def _evidence(cells: tuple[Cell, ...], pairs: tuple[Pair, ...], exams: Sequence[str]) -> Iterator[str]:
    for exam in exams:
        for pair in pairs_of(pairs, exam):
            before, after = cell_of(cells, exam, pair.than), cell_of(cells, exam, pair.better)
            if before is None or after is None:
                continue
            yield (
                f"{exam.capitalize()}: {_effect(pair)} ({_percent(before)} → {_percent(after)}, "
                f"{points(pair.difference.value)} points [{points(pair.difference.low)}, "
                f"{points(pair.difference.high)}], n = {pair.difference.n:,}, {p_words(pair.p_holm)})."
            )


def _effect(pair: Pair) -> str:
    way, other = WAYS[pair.better], WAYS[pair.than]
    if is_clear(pair):
        return f"{way} is {'better' if pair.difference.value > 0 else 'worse'} than {other}"
    return f"no clear difference between {way} and {other}"


def _cautions(cells: Sequence[Cell], retrieval: Sequence[Found], limited: Sequence[Limited]) -> Iterator[str]:
    for cut in limited:
        yield f"Only {cut.asked} of {cut.available} {cut.form} questions of the {cut.exam} exam were asked."
    for exam in dict.fromkeys(cell.exam for cell in cells):
        unread = [
            f"{cell.arm} {sum(cell.unparsed.values())} of {cell.n} ({', '.join(cell.unparsed)})"
            for cell in cells
            if (cell.exam, cell.form) == (exam, "short") and sum(cell.unparsed.values()) > MANY_UNPARSED * cell.n
        ]
        if unread:
            yield f"{exam.capitalize()}: short answers that could not be read count as wrong: {'; '.join(unread)}."
    for found in retrieval:
        if found.quoted.value < 0.5:
            yield (
                f"The words that hold the answer were before the model in only {100 * found.quoted.value:.0f}% of the "
                f"{found.exam} questions: retrieval or its token budget limits the grounded arms."
            )


def _undecided(cells: Sequence[Cell], long: Sequence[LongScores]) -> Iterator[str]:
    """The long answers that are neither right nor wrong, and so speak for nothing."""
    for exam in dict.fromkeys(one.exam for one in long):
        asked = max(one.n for one in long if one.exam == exam)
        graded = max((cell.n for cell in cells if (cell.exam, cell.form) == (exam, "long")), default=0)
        if graded < asked:
            yield (
                f"{asked - graded:,} of {asked:,} long answers of the {exam} exam have no part in this: how much of "
                "the reference they say is measured, whether they are right is not."
            )


def _answered(refusals: Sequence[Refusals]) -> Iterator[str]:
    """What the arms answer that no document tells, and what they refuse that one does."""
    told = [(one.arm, 1 - one.rightly.value) for one in refusals if one.rightly]
    if bold := [f"{arm} {100 * share:.0f}%" for arm, share in told if share > 1 - FEWEST_REFUSED]:
        yield f"Of the questions that the documents do not answer, answered all the same: {', '.join(bold)}."
    shy = [(one.arm, one.wrongly.value) for one in refusals if one.wrongly and one.arm != "base"]
    if refused := [f"{arm} {100 * share:.0f}%" for arm, share in shy if share > MOST_REFUSED]:
        yield f"Of the questions that the documents do answer, refused: {', '.join(refused)}."


def p_words(p: float) -> str:
    """A p-value as it is written in a sentence."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _percent(cell: Cell) -> str:
    return f"{100 * cell.accuracy.value:.1f}%"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
