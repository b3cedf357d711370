"""What changed from one set of results to another, category by category.

A category is better or worse when its 95% interval excludes zero and its p, adjusted by Holm for all categories of the
same cut, is below 0.05. It is unchanged when the interval rules out 5 points either way. Anything else cannot be told,
and the number of questions that would tell is worked out. Questions are paired by their ids where at least half of the
smaller set match; otherwise the two are compared as separate samples, and that is said.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from loresmith import statistics
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import UserError
from loresmith.records import Estimate, Record

Outcome = Literal["improved", "worse", "unchanged", "cannot tell"]
WORTH = 0.05
"""The change that matters, 5 points of a score between 0 and 1."""
SAMPLES, SEED = 10_000, 17
SMALL = 20
"""Questions below which nothing can be planned from what is seen."""
WHOLE = "all"
"""The cut that is none: every question of a sheet."""


class Change(Record):
    """One category under one measure, in both results."""

    sheet: str
    measure: str
    by: str
    """`all`, or what the category is one of: `form`, `kind`, `document`, `subject`."""
    category: str
    outcome: Outcome
    difference: Estimate
    """New less old; of a measure where less is better, old less new."""
    before: Estimate
    after: Estimate
    n_before: int
    n_after: int
    matched: int
    """Questions that both have; 0 where the two were compared as separate samples."""
    p_holm: float
    questions_needed: int | None
    """In all, where it cannot be told; unknown where there are fewer than 20."""
    settings: tuple[str, ...]
    """What differs in the way of scoring, such as `num_fewshot: 0 → 5`."""
    prompts_differ: int = 0
    """Matched questions that were shown in other words."""


class Comparison(Record):
    """All changes, and what could not be compared."""

    before: str
    after: str
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    """Sheets and measures that one of the two lacks."""
    only_after: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Pair:
    """One category, not yet adjusted for the others."""

    by: str
    category: str
    old: Sheet
    new: Sheet


def compare(before: Results, after: Results) -> Comparison:
    """Every category that both results have.

    Raises:
        UserError: they have none in common.
    """
    old = {(sheet.name, sheet.measure): sheet for sheet in before.sheets}
    new = {(sheet.name, sheet.measure): sheet for sheet in after.sheets}
    shared = [key for key in old if key in new]
    if not shared:
        raise UserError(
            f"{before.label} and {after.label} have no exam or task in common: {_listed(old)} and {_listed(new)}.",
            next_step="Compare results of the same exams, benchmarks or measures.",
        )
    changes = [change for key in shared for change in _of_sheet(old[key], new[key])]
    notes = [f"{results.label}: {note}" for results in (before, after) for note in results.notes]
    notes += [
        f"{results.label}: {sheet.unscored} of {sheet.unscored + len(sheet.marks)} questions have no {sheet.measure}"
        for results in (before, after)
        for sheet in results.sheets
        if sheet.unscored
    ]
    return Comparison(
        before=before.label,
        after=after.label,
        changes=tuple(changes),
        only_before=tuple(_named(key) for key in old if key not in new),
        only_after=tuple(_named(key) for key in new if key not in old),
        notes=tuple(notes),
    )


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """What differs between two ways of scoring, one line each; long values are cut."""
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return tuple(f"{name}: {_short(old.get(name))} → {_short(new.get(name))}" for name in names)


def difference(old: Sheet, new: Sheet) -> tuple[Estimate, int]:
    """How much `new` is better, and how many questions were paired for it; 0 where they were taken as separate.

    Raises:
        UserError: one of the two holds neither marks nor a figure with its number of questions.
    """
    paired = matched(old, new)
    sign = -1.0 if new.lower_is_better else 1.0
    if not paired:
        first, second = estimate(old), estimate(new)
        found = statistics.unpaired(first, second) if sign > 0 else statistics.unpaired(second, first)
        return found, 0
    first_marks, second_marks = [mark for mark, _ in paired], [mark for _, mark in paired]
    found = statistics.paired_bootstrap(
        [sign * mark.score for mark in first_marks],
        [sign * mark.score for mark in second_marks],
        _documents(second_marks),
        _rng(new),
        SAMPLES,
        _facts(second_marks),
    )
    return found, len(paired)


def matched(old: Sheet, new: Sheet) -> list[tuple[Mark, Mark]]:
    """The marks of the questions that both have; none where less than half of the smaller sheet would be left."""
    by_question = {mark.question: mark for mark in old.marks}
    paired = [(by_question[mark.question], mark) for mark in new.marks if mark.question in by_question]
    return paired if 2 * len(paired) >= max(1, min(len(old.marks), len(new.marks))) else []


def estimate(sheet: Sheet) -> Estimate:
    """The mean of a sheet's marks with its interval.

    Raises:
        UserError: nothing is known of it.
    """
    if not sheet.marks:
        if sheet.total is None:
            raise UserError(
                f"Of {sheet.name} ({sheet.measure}) there are neither single questions nor their number.",
                next_step="Score it again with the single questions written out (lm_eval: --log_samples).",
            )
        return sheet.total
    if sheet.is_share:
        return statistics.share([mark.score == 1 for mark in sheet.marks], _documents(sheet.marks), _facts(sheet.marks))
    scores = [mark.score for mark in sheet.marks]
    return statistics.bootstrap(scores, _documents(sheet.marks), _rng(sheet), SAMPLES, _facts(sheet.marks))


def _of_sheet(old: Sheet, new: Sheet) -> Iterator[Change]:
    """The whole sheet, then each cut of it; p-values are adjusted within a cut."""
    if not (old.marks or old.total) or not (new.marks or new.total):
        return  # such as a perplexity without its questions: no interval, no comparison
    for pairs in ([_Pair(WHOLE, WHOLE, old, new)], *_cuts(old, new)):
        found = [difference(pair.old, pair.new) for pair in pairs]
        adjusted = statistics.holm({str(place): statistics.p_of(each) for place, (each, _) in enumerate(found)})
        for place, (pair, (seen, paired)) in enumerate(zip(pairs, found, strict=True)):
            yield _change(pair, seen, paired, adjusted[str(place)])


def _cuts(old: Sheet, new: Sheet) -> Iterator[list[_Pair]]:
    for by in dict.fromkeys(name for mark in new.marks for name in mark.tags):
        names = list(dict.fromkeys(mark.tags[by] for mark in new.marks if by in mark.tags))
        pairs = [_Pair(by, name, _part(old, by, name), _part(new, by, name)) for name in sorted(names)]
        both = [pair for pair in pairs if pair.old.marks and pair.new.marks]
        if len(names) > 1 and both:  # a cut into one part is the whole again
            yield both


def _part(sheet: Sheet, by: str, name: str) -> Sheet:
    marks = tuple(mark for mark in sheet.marks if mark.tags.get(by) == name)
    return Sheet(sheet.name, sheet.measure, marks, sheet.settings, lower_is_better=sheet.lower_is_better)


def _change(pair: _Pair, seen: Estimate, paired: int, p: float) -> Change:
    outcome = _outcome(seen, p)
    both = matched(pair.old, pair.new) if paired else []
    is_open = outcome == "cannot tell" and seen.n >= SMALL
    needed = statistics.questions_for(seen, max(WORTH, abs(seen.value))) if is_open else None
    return Change(
        sheet=pair.new.name,
        measure=pair.new.measure,
        by=pair.by,
        category=pair.category,
        outcome=outcome,
        difference=seen,
        before=estimate(pair.old),
        after=estimate(pair.new),
        n_before=_count(pair.old),
        n_after=_count(pair.new),
        matched=paired,
        p_holm=round(p, 6),
        questions_needed=None if needed is None else max(rounded(needed), rounded(seen.n + 1)),
        settings=differing(pair.old.settings, pair.new.settings),
        prompts_differ=sum(first.prompt != second.prompt for first, second in both),
    )


def _outcome(seen: Estimate, p: float) -> Outcome:
    if p < 1 - statistics.CONFIDENCE and (seen.low > 0 or seen.high < 0):
        return "improved" if seen.value > 0 else "worse"
    return "unchanged" if seen.low > -WORTH and seen.high < WORTH else "cannot tell"


def rounded(number: int) -> int:
    """Up to two digits that matter: a forecast is no count."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def _documents(marks: Sequence[Mark]) -> list[str]:
    """What each mark is clustered by; a mark without a document is a cluster of its own."""
    return [mark.document or f"\0{place}" for place, mark in enumerate(marks)]


def _facts(marks: Sequence[Mark]) -> list[str] | None:
    return [mark.fact for mark in marks] if all(mark.fact for mark in marks) else None


def _rng(sheet: Sheet) -> np.random.Generator:
    """A generator of its own for each sheet, so that none depends on which others are compared."""
    return np.random.default_rng([SEED, zlib.crc32(f"{sheet.name}/{sheet.measure}".encode())])


def _count(sheet: Sheet) -> int:
    return len(sheet.marks) or (sheet.total.n if sheet.total else 0)


def _named(key: tuple[str, str]) -> str:
    return f"{key[0]} ({key[1]})"


def _listed(sheets: Mapping[tuple[str, str], Sheet]) -> str:
    names = list(dict.fromkeys(name for name, _ in sheets))
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _short(value: str | None) -> str:
    if value is None:
        return "not recorded"
    return value if len(value) <= 40 else f"{value[:37]}…"
