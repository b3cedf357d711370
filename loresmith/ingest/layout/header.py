"""The titles of a table's columns: flattened, so that each gets the whole of what stands above it, or in two rows.

Either way a spanning title is repeated on each column that it spans.
"""

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from loresmith.ingest.layout.columns import Columns
from loresmith.ingest.layout.lines import lines_of, runs_of, text_of, type_size
from loresmith.ingest.layout.page import Line, Page, Rule, Upright, Word
from loresmith.ingest.layout.regions import Region

_TITLE_REACH = 3.5
"""Type sizes between a spanning title and the rule below it; two wrapped lines need about three."""


class Title(NamedTuple):
    """Words of one line of the header, and the columns over which they stand."""

    line: int
    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the titles of a header are measured against."""

    columns: Columns
    extents: list[tuple[float, float]]
    """Where the body's words of each column begin and end."""
    end: float | None
    """Height of the rule below the header; `None` without one."""


def frame_of(columns: Columns, body: list[Line], end: float | None) -> Frame:
    """The frame of a table whose body lines are known."""
    extents = [(left, right) for left, right in pairwise(columns.edges)]
    for column in range(columns.count):
        words = [word for line in body if len(columns.covered(line)) > 1 for word in line if columns.of(word) == column]
        if words:
            extents[column] = (min(word.x0 for word in words), max(word.x1 for word in words))
    return Frame(columns, extents, end)


def titles_of(head: list[Word], page: Page, region: Region, frame: Frame) -> list[Title]:
    """The titles line by line."""
    rules = _partial_rules(page, region, frame.end)
    titles: list[Title] = []
    lines = lines_of(head)
    for number, line in enumerate(lines):
        is_last = number == len(lines) - 1
        fences = _fences(page.uprights, region, line, frame.end)
        for left, right in pairwise(fences):
            inside = [word for word in line if left <= word.middle < right]
            placed = _placed(inside, (left, right), head, rules, frame, is_last=is_last)
            titles += [Title(number, first, last, text) for first, last, text in placed]
    return titles


def flattened(titles: list[Title], count: int) -> list[str]:
    """One text per column."""
    return [
        join_wrapped([each.text for each in titles if each.first <= column <= each.last]) for column in range(count)
    ]


def in_two_rows(titles: list[Title], count: int) -> list[list[str]]:
    """The titles that span columns, and below them those of one column; one row where nothing spans.

    A column without a spanning title has its own in the row at whose height it ends.
    """
    spanning = [each for each in titles if each.first < each.last]
    if not spanning:
        return [flattened(titles, count)]
    lowest = max(each.line for each in spanning)
    single = [each for each in titles if each.first == each.last]
    upper = flattened(spanning, count)
    lower = flattened(single, count)
    for column in range(count):
        lines = [each.line for each in single if each.first == column]
        if lines and max(lines) <= lowest and not upper[column]:
            upper[column], lower[column] = lower[column], ""
    return [upper, lower] if any(lower) else [upper]


def join_wrapped(parts: list[str]) -> str:
    """Lines of one cell as one text; no space behind a hyphen at a line's end."""
    text = ""
    for part in parts:
        glue = "" if not text or not part or text.endswith("-") else " "
        text += glue + part
    return text


def _partial_rules(page: Page, region: Region, end: float | None) -> list[Rule]:
    """Rules inside the header that are shorter than the table: each belongs to the title above it."""
    return [
        rule
        for rule in [*page.strokes, *page.rules]  # first as drawn; one that is drawn in pieces is whole among the rules
        if end is not None and region.top + 2 < rule.y < end - 1
        if region.x0 - 3 < rule.x0 and rule.x1 < region.x1 + 3 and rule.length < 0.93 * (region.x1 - region.x0)
    ]


def _fences(uprights: list[Upright], region: Region, line: Line, end: float | None) -> list[float]:
    """Places of the vertical rules that run beside this line, between the table's own edges."""
    baseline, size = line[0].baseline, type_size(line)
    inner = {
        round(upright.x)
        for upright in uprights
        if end is not None and upright.top < baseline - 0.2 * size and upright.bottom > baseline - 0.5 * size
        if region.x0 + 4 < upright.x < region.x1 - 4
    }
    return [region.x0 - 6, *sorted(inner), region.x1 + 6]


def _placed(
    words: Line,
    fence: tuple[float, float],
    head: list[Word],
    rules: list[Rule],
    frame: Frame,
    *,
    is_last: bool,
) -> list[tuple[int, int, str]]:  # fmt: skip
    """(first column, last column, text) of each title among the words of a line between two fences."""
    columns = frame.columns
    if words and _fills_fence(words, fence, frame):
        return [(columns.index(fence[0] + 4), columns.index(fence[1] - 4), text_of(words))]
    titles: list[tuple[int, int, str]] = []
    runs = [part for run in runs_of(words, 0.5) for part in _parted(run, rules)]
    for number, run in enumerate(runs):
        rule = _rule_below(run, head, rules)
        if rule is not None and any(rule == _rule_below(other, head, rules) for other in runs if other is not run):
            rule = None  # it underlines the whole line, not one title
        covered = columns.covered(run)
        free = _free_columns(runs, number, columns)
        if rule is not None:
            left, right = max(rule.x0, fence[0]), min(rule.x1, fence[1])
            titles.append((columns.index(left + 4), columns.index(right - 4), text_of(run)))
        elif len(covered) > 1 and (_is_cut(run, columns, covered) or _is_phrase(run, frame, covered, is_last=is_last)):
            titles.append((covered[0], covered[-1], text_of(run)))
        elif not is_last and (span := _span_between_columns(run, frame, free)) is not None:
            titles.append((*span, text_of(run)))
        else:
            for column, group in groupby(run, key=columns.of):
                titles.append((column, column, text_of(list(group))))
    return titles


def _free_columns(runs: list[Line], number: int, columns: Columns) -> tuple[int, int]:
    """First and last column around run `number` over which no other run of the line stands."""
    first = columns.covered(runs[number - 1])[-1] + 1 if number else 0
    last = columns.covered(runs[number + 1])[0] - 1 if number + 1 < len(runs) else columns.count - 1
    return first, last


def _span_between_columns(run: Line, frame: Frame, free: tuple[int, int]) -> tuple[int, int] | None:
    """The columns that a title without a rule spans: it is centred on a border, so it cannot be that of one column."""
    covered = frame.columns.covered(run)
    if _are_single(run, frame) or any(_stands_over(run, frame.extents[column]) for column in covered):
        return None
    centre = (run[0].x0 + run[-1].x1) / 2
    spans = [
        (first, last)
        for first in range(max(free[0], 1), covered[0] + 1)  # the first column names the rows
        for last in range(covered[-1], free[1] + 1)
        if last > first
    ]
    off = {span: abs((frame.extents[span[0]][0] + frame.extents[span[1]][1]) / 2 - centre) for span in spans}
    best = min(spans, key=lambda span: (off[span], span), default=None)
    return best if best is not None and off[best] < 0.4 * run[0].size else None


def _fills_fence(words: Line, fence: tuple[float, float], frame: Frame) -> bool:
    """Whether the words are one phrase centred between two vertical rules with several columns between them."""
    columns = frame.columns
    if fence == (columns.edges[0], columns.edges[-1]) or len(runs_of(words, 0.9)) > 1:
        return False
    if columns.index(fence[1] - 4) <= columns.index(fence[0] + 4) or _are_single(words, frame):
        return False
    off_centre = abs((words[0].x0 + words[-1].x1) / 2 - (fence[0] + fence[1]) / 2)
    return off_centre < 0.12 * (fence[1] - fence[0]) + 3


def _are_single(words: Line, frame: Frame) -> bool:
    """Whether the words are titles of one column each: no border cuts one, and each stands over its own column."""
    covered = frame.columns.covered(words)
    if len(covered) < 2 or _is_cut(words, frame.columns, covered):
        return False
    groups = [(column, list(group)) for column, group in groupby(words, key=frame.columns.of)]
    return all(_stands_over(group, frame.extents[column]) for column, group in groups)


def _stands_over(group: Line, extent: tuple[float, float]) -> bool:
    """Whether the words and the column share their centre or an edge, within 2 points."""
    x0, x1 = group[0].x0, group[-1].x1
    shifts = ((x0 + x1 - extent[0] - extent[1]) / 2, x0 - extent[0], x1 - extent[1])
    return any(abs(shift) < 2 for shift in shifts)


def _rule_below(run: Line, head: list[Word], rules: list[Rule]) -> Rule | None:
    """The partial rule that marks the run as the title of the columns below it, if there is one.

    Between the run and the rule there may be further lines of the title, but no word that reaches beyond the rule.
    """
    x0, x1, baseline = run[0].x0, run[-1].x1, run[0].baseline
    for rule in sorted(rules, key=lambda each: each.y):
        if not (rule.x0 <= x0 + 3 and rule.x1 >= x1 - 3 and 0 < rule.y - baseline < _TITLE_REACH * run[0].size):
            continue
        between = [w for w in head if baseline + 1 < w.baseline < rule.y and w.x0 < rule.x1 and w.x1 > rule.x0]
        if all(rule.x0 - 3 <= word.x0 and word.x1 <= rule.x1 + 3 for word in between):
            return rule
    return None


def _parted(run: Line, rules: list[Rule]) -> list[Line]:
    """The run cut at gaps wider than a space whose two sides stand right above two rules."""
    parts: list[Line] = [[run[0]]]
    for left, right in pairwise(run):
        one, two = _next_rule(left, rules), _next_rule(right, rules)
        is_apart = right.x0 - left.x1 > 0.45 * right.size
        if is_apart and one is not None and two is not None and one.x1 + 2 < two.x0 and abs(one.y - two.y) < 2:
            parts.append([right])
        else:
            parts[-1].append(right)
    return parts


def _next_rule(word: Word, rules: list[Rule]) -> Rule | None:
    below = [r for r in rules if 0 < r.y - word.baseline < 0.9 * word.size and r.x0 <= word.middle <= r.x1]
    return min(below, key=lambda rule: rule.y, default=None)


def _is_cut(run: Line, columns: Columns, covered: list[int]) -> bool:
    """Whether a border runs through one of the words."""
    borders = [columns.edges[column + 1] for column in covered[:-1]]
    return any(word.x0 < border - 1 and word.x1 > border + 1 for word in run for border in borders)


def _is_phrase(run: Line, frame: Frame, covered: list[int], *, is_last: bool) -> bool:
    """Whether the run is one title over several columns rather than neighbouring titles of one column each."""
    if _are_single(run, frame):
        return False
    borders = [frame.columns.edges[column + 1] for column in covered[:-1]]
    space = 0.36 if is_last else 0.45  # titles of single columns, which stand on the last line, may be closer
    for left, right in pairwise(run):
        if right.x0 - left.x1 > space * right.size and any(left.x1 <= border <= right.x0 for border in borders):
            return False
    if is_last:  # titles of single columns stand here, close beside each other
        return 2 <= len(run) < len(covered) and not any(map(str.isdigit, text_of(run)))
    x0, x1 = frame.extents[covered[0]][0], frame.extents[covered[-1]][1]
    return abs((run[0].x0 + run[-1].x1) / 2 - (x0 + x1) / 2) < 0.15 * (x1 - x0)
