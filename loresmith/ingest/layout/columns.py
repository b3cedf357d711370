"""Columns of a table, found from the white gaps that its lines share and from its vertical rules."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from loresmith.ingest.layout.lines import runs_of, type_size
from loresmith.ingest.layout.page import Line, Upright, Word
from loresmith.ingest.layout.regions import Region

_STEP = 0.25
"""Resolution of the coverage profile, in points."""
_OPERATORS = frozenset({"/", "·", "⋅", "×", "±", "|", "=", "∼", "~", "→"})
_BLOCKED = 99
"""Votes of a stub label that stands left of everything else: no cut may run through it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Vertical borders of the columns of one table."""

    edges: tuple[float, ...]
    """One more than there are columns, ascending; the outer two lie outside of the words."""

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.edges) - 1

    @property
    def cuts(self) -> tuple[float, ...]:
        """The inner borders."""
        return self.edges[1:-1]

    def index(self, x: float) -> int:
        """The column in which `x` lies; beyond the borders, the nearest."""
        return min(max(bisect_right(self.edges, x) - 1, 0), self.count - 1)

    def of(self, word: Word) -> int:
        """The column in which the middle of the word lies."""
        return self.index(word.middle)

    def covered(self, run: Line) -> list[int]:
        """The columns in which the words of a run have their middles, ascending."""
        return sorted({self.of(word) for word in run})

    def crossed(self, run: Line) -> bool:
        """Whether the run reaches over an inner border."""
        return any(run[0].x0 < cut < run[-1].x1 for cut in self.cuts)

    def bridged(self, run: Line) -> bool:
        """Whether the run crosses borders as one phrase: no gap at a border is wider than a word space."""
        inside = [cut for cut in self.cuts if run[0].x0 < cut < run[-1].x1]
        if not inside:
            return False
        for left, right in pairwise(run):
            wide = right.x0 - left.x1 > 0.42 * right.size and _OPERATORS.isdisjoint({left.text, right.text})
            if wide and any(left.x1 <= cut <= right.x0 for cut in inside):
                return False
        return len(run) >= 3 or any(word.x0 < cut < word.x1 for word in run for cut in inside)


def vertical_rules(uprights: list[Upright], region: Region) -> list[float]:
    """Places of the vertical lines inside the region, ascending."""
    return sorted(
        {
            round(line.x)
            for line in uprights
            if line.top > region.top - 4 and line.bottom < region.bottom + 4 and region.x0 - 2 < line.x < region.x1 + 2
        }
    )


def columns_of(body: list[Line], head: list[Word], verticals: list[float], region: Region) -> Columns:
    """The columns of a table, from the lines of its body.

    A gap counts when (nearly) no body line crosses it and it is wide enough: the fewer lines vote, the wider it
    must be. A narrow one must also part the header. Body lines that are one tight run (section titles) do not vote.
    """
    words = [word for line in body for word in line]
    size = type_size(words)
    lines = [line for line in body if len(line) >= 2] or body
    voters = [line for line in lines if not (len(runs_of(line, 0.6)) == 1 and len(lines) > 3)] or lines
    profile = _coverage(body, voters, region)
    tolerance = 0 if len(voters) < 8 else int(0.07 * len(voters))
    all_gaps = _gaps(profile, tolerance, region.x0)
    gaps = [
        gap
        for gap in all_gaps
        if gap.left > min(word.x0 for word in words) + 0.5 and gap.right < max(word.x1 for word in words) - 0.5
        if _parts(gap, len(voters), size, _between(head, gap, all_gaps), verticals)
        or _is_beside_group_labels(gap, voters, size)
    ]
    if len(voters) >= 5:
        bridged = [gap for gap in _bridged_gaps(voters, region) if gap.right - gap.left >= 1.2 * size]
        gaps += [gap for gap in bridged if all(gap.right < other.left or other.right < gap.left for other in gaps)]
    cuts = [_cut(gap, head, verticals) for gap in gaps]
    first, last = min(word.x0 for word in words), max(word.x1 for word in words)
    for x in verticals:
        is_free = not any(word.x0 + 1 < x < word.x1 - 1 for line in voters for word in line)
        if first + 1 < x < last - 1 and is_free and all(abs(x - cut) > 3 for cut in cuts):
            cuts.append(x)
    columns = Columns((region.x0 - 6, *sorted(cuts), region.x1 + 6))
    return _without_cuts_at_operators(columns, voters)


def _without_cuts_at_operators(columns: Columns, lines: list[Line]) -> Columns:
    """The columns without borders beside which nearly every cell ends or begins with an operator (`9.6 · | 10^18`)."""
    beside: dict[float, tuple[list[bool], list[bool]]] = {edge: ([], []) for edge in columns.cuts}
    for line in lines:
        for column, group in groupby(line, key=columns.of):
            words = list(group)
            if columns.edges[column] in beside:
                beside[columns.edges[column]][1].append(words[0].text in _OPERATORS)
            if columns.edges[column + 1] in beside:
                beside[columns.edges[column + 1]][0].append(words[-1].text in _OPERATORS)
    dropped = {edge for edge, sides in beside.items() if any(sum(side) > 0.7 * len(side) for side in sides if side)}
    return Columns(tuple(edge for edge in columns.edges if edge not in dropped))


class _Gap(NamedTuple):
    left: float
    right: float


def _coverage(body: list[Line], voters: list[Line], region: Region) -> list[int]:
    """How many voting lines have a word at each step from the region's left edge."""
    steps = int((region.x1 - region.x0) / _STEP) + 2
    profile = [0] * steps

    def cover(x0: float, x1: float, votes: int) -> None:
        for step in range(max(0, int((x0 - region.x0) / _STEP)), min(steps, int((x1 - region.x0) / _STEP) + 1)):
            profile[step] += votes

    for line in voters:
        for word in line:
            cover(word.x0, word.x1, 1)
    leftmost = min(word.x0 for line in voters for word in line)
    for line in body:
        is_stub = len(runs_of(line, 0.6)) == 1 and line[-1].x1 - line[0].x0 < 0.35 * (region.x1 - region.x0)
        if line not in voters and is_stub and line[-1].x1 < leftmost + 1:
            cover(line[0].x0, line[-1].x1, _BLOCKED)
    return profile


def _gaps(profile: list[int], tolerance: int, x0: float) -> list[_Gap]:
    gaps: list[_Gap] = []
    start: int | None = None
    for step, votes in enumerate([*profile, _BLOCKED]):
        if votes <= tolerance:
            start = step if start is None else start
        elif start is not None:
            gaps.append(_Gap(x0 + start * _STEP, x0 + step * _STEP))
            start = None
    return gaps


def _bridged_gaps(voters: list[Line], region: Region) -> list[_Gap]:
    """Gaps that nothing but one phrase of one line runs over ("Overall pass rate" below two label columns)."""
    steps = int((region.x1 - region.x0) / _STEP) + 2
    owners: list[set[int]] = [set() for _ in range(steps)]
    phrases = [run for line in voters for run in runs_of(line, 0.5)]
    for number, run in enumerate(phrases):
        for word in run:
            first, last = int((word.x0 - region.x0) / _STEP), int((word.x1 - region.x0) / _STEP)
            for step in range(max(0, first), min(steps, last + 1)):
                owners[step].add(number)
    gaps: list[_Gap] = []
    for number, run in enumerate(phrases):
        if len(run) < 2:
            continue
        profile = [len(each - {number}) for each in owners]
        lonely = [
            gap for gap in _gaps(profile, 0, region.x0) if run[0].x0 < gap.left - 1 and gap.right + 1 < run[-1].x1
        ]
        gaps += [gap for gap in lonely if any(word.x0 < gap.right and word.x1 > gap.left for word in run)]
    return gaps


def _parts(gap: _Gap, voters: int, size: float, head: list[Word], verticals: list[float]) -> bool:
    """Whether the gap parts two columns rather than two words that happen to line up."""
    if any(gap.left - 1 <= x <= gap.right + 1 for x in verticals):
        return True
    width = gap.right - gap.left
    needed = 0.62 if voters <= 3 else 0.5 if voters <= 6 else 0.3
    if width < needed * size:
        return False
    if width >= 0.62 * size or not head:
        return True
    left = any(word.x1 <= gap.right + 0.6 for word in head)
    return left and any(word.x0 >= gap.left - 0.6 for word in head)


def _between(head: list[Word], gap: _Gap, gaps: list[_Gap]) -> list[Word]:
    """Header words between the gaps next to this one, which are the titles of the two columns that it would part."""
    start = max((other.left for other in gaps if other.right <= gap.left), default=-1.0)
    end = min((other.right for other in gaps if other.left >= gap.right), default=float("inf"))
    return [word for word in head if start - 0.6 <= word.x0 and word.x1 <= end + 0.6]


def _is_beside_group_labels(gap: _Gap, voters: list[Line], size: float) -> bool:
    """Whether left of the gap a few lines have a label, and right of it nearly all begin at the same place."""
    if gap.right - gap.left < 0.3 * size:
        return False
    labelled = sum(line[0].x1 <= gap.right for line in voters)
    aligned = sum(any(abs(word.x0 - gap.right) < 1.5 for word in line) for line in voters)
    return 2 <= labelled <= 0.6 * len(voters) and aligned >= 0.9 * len(voters)


def _cut(gap: _Gap, head: list[Word], verticals: list[float]) -> float:
    """Where to cut in the gap: on its vertical rule, else where fewest header words are hit, nearest to its centre."""
    for x in verticals:
        if gap.left - 1 <= x <= gap.right + 1:
            return x
    centre = (gap.left + gap.right) / 2
    places = [gap.left + 0.25 + 0.5 * step for step in range(max(1, int((gap.right - gap.left) / 0.5)))]

    def cost(x: float) -> tuple[int, float]:
        return sum(word.x0 + 0.3 < x < word.x1 - 0.3 for word in head), abs(x - centre)

    return min(places, key=cost)
