"""Whether a new version may replace the old one: rules on paired intervals, never on a bare difference.

1. *Improvement*, on all questions of the exams together (not those without an answer, at which who knows nothing is
   best): the gain that is seen reaches `min_improvement`, and its 95% interval lies above zero. A version that is no
   better passes in 2.5 of 100 tries at most, one that is 10 points better in nearly all at 400 questions. If the whole
   interval had to lie above the bar, half of the versions that are 10 points better would be refused there.
2. *No exam* alone has clearly fallen.
3. *Floor*, on each general benchmark: the whole interval lies above `floor` times the baseline's score. Here the burden
   of proof is the other way round: a benchmark too small to show that nothing was lost does not let a version pass.

Points, not percent: 5% of a baseline of 2% is nothing, and of one of 0% undefined. All rules must hold, so that their
number makes a wrong promotion rarer, and no correction for it is needed. `benchmarks/gate.py` measures the error rates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from loresmith import statistics
from loresmith.compare.changes import difference, estimate, matched, rounded
from loresmith.compare.marks import Mark, Sheet
from loresmith.compare.words import points_interval
from loresmith.recipe.gate import GateConfig
from loresmith.records import UNANSWERABLE, Estimate, Record

SMALLEST_PLANNED = 0.01
"""Distance that is planned for, where a recipe asks for no gain: 1 point."""

Status = Literal["holds", "broken", "open"]


@dataclass(frozen=True)
class Contest:
    """The same exam or benchmark, sat by the old version and by the new one."""

    old: Sheet
    new: Sheet

    @property
    def name(self) -> str:
        """Of the exam or benchmark."""
        return self.new.name


class Rule(Record):
    """One rule, what it rests on, and how it came out."""

    name: str
    """`improvement`, or the exam or benchmark that must not fall."""
    status: Status
    words: str
    difference: Estimate
    before: Estimate
    after: Estimate
    questions_needed: int | None = None
    """More than there are, where it is open."""


class Decision(Record):
    """Whether to promote, with the evidence."""

    decision: Literal["promote", "keep", "cannot tell"]
    headline: str
    rules: tuple[Rule, ...]
    cautions: tuple[str, ...]


def decide(
    exams: Sequence[Contest], general: Sequence[Contest], config: GateConfig, *, must_gain: bool = True
) -> Decision:
    """The decision on a new version.

    Args:
        exams: Domain exams, at least one of which is not of questions without an answer; marks are right or wrong.
        general: General benchmarks, of which each must keep the floor.
        config: The rules.
        must_gain: Whether rule 1 holds; else the exams together must not have clearly fallen.
    """
    cautions = list(_cautions(exams, general))
    exams, general = [_same(contest) for contest in exams], [_same(contest) for contest in general]
    answered = [contest for contest in exams if contest.name != UNANSWERABLE]
    pooled = _pooled(answered)
    rules = [_improvement(pooled, config.min_improvement) if must_gain else _no_worse(pooled)]
    if len(answered) > 1:
        rules += [_unfallen(contest) for contest in answered]
    rules += [_floor(contest, config.floor) for contest in general]
    deciding = rules
    if config.unproven_floor == "promote":
        benchmarks = {contest.name for contest in general}
        passed = [rule for rule in rules if rule.status == "open" and rule.name in benchmarks]
        deciding = [rule for rule in rules if rule not in passed]
        cautions += [f"Let pass, as the recipe says: {rule.words}." for rule in passed]
    decision, headline = _verdict(deciding)
    return Decision(decision=decision, headline=headline, rules=tuple(rules), cautions=tuple(cautions))


def floors(general: Sequence[Contest], floor: float) -> list[Rule]:
    """Rule 3 alone: how each general benchmark came out."""
    return [_floor(_same(contest), floor) for contest in general]


def _verdict(rules: Sequence[Rule]) -> tuple[Literal["promote", "keep", "cannot tell"], str]:
    broken, open_ones = ([rule for rule in rules if rule.status == status] for status in ("broken", "open"))
    if broken:
        return "keep", f"Do not ship: {'; '.join(rule.words for rule in broken)}."
    if open_ones:
        return "cannot tell", f"Cannot tell: {'; '.join(rule.words for rule in open_ones)}."
    floors = len(rules) - 1
    kept = f"; {floors} other rule{'s' * (floors > 1)} hold{'s' * (floors == 1)}" if floors else ""
    return "promote", f"Promote: {rules[0].words}{kept}."


def _improvement(contest: Contest, least: float) -> Rule:
    seen, _ = difference(contest.old, contest.new)
    shown = f"{points_interval(seen)} points on the exams, n = {seen.n:,}"
    asked = f"{100 * least:g} points"
    if seen.low > 0 and seen.value >= least:
        return _rule("improvement", "holds", f"better by {shown}", contest, seen)
    if seen.high < 0:
        return _rule("improvement", "broken", f"the exams fell ({shown})", contest, seen)
    if seen.high < least:
        return _rule("improvement", "broken", f"a gain of {asked} is ruled out ({shown})", contest, seen)
    if seen.low > 0:
        words = f"the gain is less than the {asked} that the recipe asks for ({shown})"
        return _rule("improvement", "broken", words, contest, seen)
    more = _more(seen, max(least, seen.value, SMALLEST_PLANNED))
    words = f"no gain is shown, and one of {asked} is not ruled out ({shown}): {more:,} more questions needed"
    return _rule("improvement", "open", words, contest, seen, more)


def _no_worse(contest: Contest) -> Rule:
    seen, _ = difference(contest.old, contest.new)
    shown = f"{points_interval(seen)} points on the exams, n = {seen.n:,}"
    if seen.high < 0:
        return _rule("improvement", "broken", f"the exams fell ({shown})", contest, seen)
    return _rule("improvement", "holds", f"not clearly worse ({shown}), and no gain is asked for", contest, seen)


def _unfallen(contest: Contest) -> Rule:
    seen, _ = difference(contest.old, contest.new)
    shown = f"{points_interval(seen)} points, n = {seen.n:,}"
    if seen.high < 0:
        return _rule(contest.name, "broken", f"{contest.name} {_fell(seen)}", contest, seen)
    return _rule(contest.name, "holds", f"{contest.name} did not clearly fall ({shown})", contest, seen)


def _floor(contest: Contest, floor: float) -> Rule:
    seen, _ = difference(contest.old, contest.new)
    before = estimate(contest.old).value
    allowed = (1 - floor) * before
    bound = f"{100 * floor:g}% of {100 * before:.1f}%"
    shown = f"{points_interval(seen)} points, n = {seen.n:,}"
    if seen.low >= -allowed or before == 0:  # of nothing, nothing can be lost
        return _rule(contest.name, "holds", f"{contest.name} keeps {bound} ({shown})", contest, seen)
    if seen.high < 0 and seen.value < -allowed:
        return _rule(contest.name, "broken", f"{contest.name} {_fell(seen)}, below {bound}", contest, seen)
    # planned for a version that lost nothing, unless a loss is certain
    distance = allowed + (min(0.0, seen.value) if seen.high < 0 else 0.0)
    more = _more(seen, max(distance, SMALLEST_PLANNED))
    words = f"{contest.name} may have fallen below {bound} ({shown}): {more:,} more questions needed"
    return _rule(contest.name, "open", words, contest, seen, more)


def _fell(seen: Estimate) -> str:
    """`fell by 6.0 [2.0, 10.0] points`."""
    return f"fell by {-100 * seen.value:.1f} [{-100 * seen.high:.1f}, {-100 * seen.low:.1f}] points"


def _more(seen: Estimate, distance: float) -> int:
    """Questions that are missing; a tenth as many again as there are, where the plan says there are enough."""
    missing = statistics.questions_for(seen, distance) - seen.n
    return rounded(max(missing, seen.n // 10 + 1))


def _same(contest: Contest) -> Contest:
    """Only the questions that both versions have, where they are paired."""
    paired = matched(contest.old, contest.new)
    if not paired:
        return contest
    old, new = tuple(mark for mark, _ in paired), tuple(mark for _, mark in paired)
    return Contest(replace(contest.old, marks=old), replace(contest.new, marks=new))


def _pooled(contests: Sequence[Contest]) -> Contest:
    """All exams as one; the ids of questions are unique across them."""
    olds, news = [contest.old for contest in contests], [contest.new for contest in contests]
    return Contest(_together(olds), _together(news))


def _together(sheets: Sequence[Sheet]) -> Sheet:
    if len(sheets) == 1:
        return sheets[0]
    return Sheet("the exams", sheets[0].measure, tuple(_distinct(sheets)), sheets[0].settings)


def _distinct(sheets: Sequence[Sheet]) -> Iterator[Mark]:
    for sheet in sheets:
        for mark in sheet.marks:
            yield replace(mark, question=f"{sheet.name}/{mark.question}")


def _cautions(exams: Sequence[Contest], general: Sequence[Contest]) -> Iterator[str]:
    if not general:
        yield "No general benchmark was compared: what the new version forgot is not known (--general)."
    for contest in (*exams, *general):
        paired = len(matched(contest.old, contest.new))
        if not paired:
            yield f"{contest.name}: the questions do not match, so that the two were compared as separate samples."
        elif paired < max(len(contest.old.marks), len(contest.new.marks)):
            counts = f"{len(contest.old.marks):,} of the baseline and {len(contest.new.marks):,} of the new version"
            yield f"{contest.name}: decided on the {paired:,} questions that both have, of {counts}."
        if contest.name == UNANSWERABLE and (seen := difference(contest.old, contest.new)[0]).high < 0:
            yield f"Questions without an answer: refusing {_fell(seen)}; the new version invents more."


def _rule(name: str, status: Status, words: str, contest: Contest, seen: Estimate, more: int | None = None) -> Rule:
    return Rule(
        name=name,
        status=status,
        words=words,
        difference=seen,
        before=estimate(contest.old),
        after=estimate(contest.new),
        questions_needed=more,
    )
