"""A comparison in Markdown, for the terminal and for a file."""

from collections.abc import Iterator, Sequence

from loresmith.compare.changes import SMALL, WHOLE, Change, Comparison
from loresmith.records import Estimate

MOST_LISTED = 12
"""Documents, and other categories of one cut, that are listed; the clearest changes come first."""


def points(share: float) -> str:
    """A difference of shares in points with its sign: `+6.3`."""
    return f"{100 * share:+.1f}".replace("-", "−")


def points_interval(seen: Estimate) -> str:
    """`+6.3 [+2.0, +10.1]`."""
    return f"{points(seen.value)} [{points(seen.low)}, {points(seen.high)}]"


def markdown(found: Comparison) -> Iterator[str]:
    """The comparison, line by line: what was compared, warnings, one table."""
    yield f"Before: {found.before}"
    yield f"After:  {found.after}"
    for line in warnings(found):
        yield f"! {line}"
    for note in found.notes:
        yield f"  note: {note}"
    for names, where in ((found.only_before, "before"), (found.only_after, "after")):
        if names:
            yield f"  only {where}: {', '.join(names)}"
    yield ""
    yield "| what | measure | outcome | points [95%] | before | after | questions |"
    yield "|---|---|---|--:|--:|--:|---|"
    for change in _ordered(found.changes):
        yield _row(change)


def warnings(found: Comparison) -> Iterator[str]:
    """What must be known before any figure is read, once each."""
    said: dict[str, None] = {}
    for change in found.changes:
        if change.by != WHOLE:
            continue
        for difference in change.settings:
            said[f"{change.sheet} was scored in different ways, {difference}: what changed may be that."] = None
        if change.prompts_differ:
            said[
                f"{change.sheet}: {change.prompts_differ} of {change.matched} questions were shown in other words."
            ] = None
        if not change.matched:
            said[
                f"{change.sheet}: the questions of the two do not match, so that they are compared as separate "
                "samples; the same questions would show a smaller change."
            ] = None
        elif change.matched < max(change.n_before, change.n_after):
            said[
                f"{change.sheet}, {change.measure}: {change.matched} questions are in both, of {change.n_before} "
                f"before and {change.n_after} after; the change is that of those."
            ] = None
    yield from said


def _ordered(changes: Sequence[Change]) -> Iterator[Change]:
    """Each sheet whole, then its cuts, of each the clearest changes first and no more than can be read."""
    cuts: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        cuts.setdefault((change.sheet, change.measure, change.by), []).append(change)
    for cut in cuts.values():
        yield from sorted(cut, key=lambda change: (change.p_holm, change.category))[:MOST_LISTED]


def _row(change: Change) -> str:
    what = change.sheet if change.by == WHOLE else f"{change.sheet}, {change.by}: {_cell(change.category)}"
    n = f"{change.matched} paired" if change.matched else f"{change.n_before} and {change.n_after}, separate"
    if change.difference.n < SMALL:
        n += ", few"
    mark = " (!)" if change.settings or change.prompts_differ else ""
    outcome = change.outcome
    told = f"{outcome}: needs {change.questions_needed:,}" if change.questions_needed else outcome
    figures = (_figure(change.before), _figure(change.after))
    return f"| {' | '.join((what, change.measure, told + mark, _difference(change), *figures, n))} |"


def _difference(change: Change) -> str:
    if _is_share(change):
        return points_interval(change.difference)
    seen = change.difference
    return f"{seen.value:+.3g} [{seen.low:+.3g}, {seen.high:+.3g}]".replace("-", "−")


def _is_share(change: Change) -> bool:
    return 0 <= change.before.value <= 1 and 0 <= change.after.value <= 1


def _figure(seen: Estimate) -> str:
    return f"{100 * seen.value:.1f}" if 0 <= seen.value <= 1 else f"{seen.value:.3g}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
