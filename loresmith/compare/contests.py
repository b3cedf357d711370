"""What a gate compares, out of results: the exams, and of each general benchmark its one deciding measure."""

from collections.abc import Mapping, Sequence

from loresmith.compare.changes import differing
from loresmith.compare.gate import Contest
from loresmith.compare.marks import Results, Sheet
from loresmith.errors import UserError
from loresmith.records import UNANSWERABLE

HARNESS = ("acc_norm", "acc", "exact_match, flexible-extract", "exact_match", "em", "f1")
DECIDING = ("correct", *HARNESS, "flexible_extract", "mass")
"""Measures in the order in which they decide, the harness's names before ours. Of GSM8K's two filters the one that
finds the number however it is written, since what was forgotten is asked and not the format; `loresmith compare` shows
both."""
HARMLESS = ("lm_eval_version", "max_length")
"""Settings that may differ between two versions without making their scores incomparable."""


def exams(old: Results, new: Results) -> list[Contest]:
    """The domain exams that both versions sat, by right and wrong.

    Raises:
        UserError: they have none in common, or scored them in different ways.
    """
    made = _contests(old, new)
    if not any(contest.name != UNANSWERABLE for contest in made):
        raise UserError(
            f"{old.label} and {new.label} have no exam in common.",
            next_step="Examine both versions on the same questions: `loresmith evaluate`.",
        )
    return made


def general(old: Sequence[Results], new: Sequence[Results]) -> list[Contest]:
    """The general benchmarks of both versions.

    Raises:
        UserError: one that the baseline has is missing in the new version, or they were scored in different ways.
    """
    before = {name: sheet for results in old for name, sheet in _deciding(results).items()}
    after = {name: sheet for results in new for name, sheet in _deciding(results).items()}
    if missing := [name for name in before if name not in after]:
        raise UserError(
            f"The new version has no score on {', '.join(missing)}, which the baseline has.",
            next_step="Score the new version on the same benchmarks; a gate must not pass over one.",
        )
    if before.keys() != after.keys() or not before:
        extra = [name for name in after if name not in before]
        raise UserError(
            f"The baseline has no score on {', '.join(extra) or 'any benchmark'}.",
            next_step="Give the baseline's scores on the same benchmarks with --general-baseline.",
        )
    return [_contest(before[name], after[name]) for name in before]


def _contests(old: Results, new: Results) -> list[Contest]:
    before, after = _deciding(old), _deciding(new)
    return [_contest(before[name], after[name]) for name in before if name in after]


def _deciding(results: Results) -> Mapping[str, Sheet]:
    """The sheet of each exam or benchmark that decides."""
    chosen: dict[str, Sheet] = {}
    for sheet in results.sheets:
        if sheet.measure in DECIDING and (sheet.marks or sheet.total):
            best = chosen.get(sheet.name)
            if best is None or DECIDING.index(sheet.measure) < DECIDING.index(best.measure):
                chosen[sheet.name] = sheet
    return chosen


def _contest(old: Sheet, new: Sheet) -> Contest:
    if old.measure != new.measure:
        raise UserError(
            f"{new.name} was measured as {old.measure} before and as {new.measure} now.",
            next_step="Score both versions with the same measures.",
        )
    keys = [key for key in (*old.settings, *new.settings) if key not in HARMLESS]
    ways = [{key: settings[key] for key in keys if key in settings} for settings in (old.settings, new.settings)]
    if found := differing(*ways):
        raise UserError(
            f"{new.name} was scored in different ways: {'; '.join(found)}.",
            next_step="Score both versions under the same settings; `loresmith compare` shows such scores too.",
        )
    return Contest(old, new)
