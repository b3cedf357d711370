"""Where ruled tables stand: stacks of equally long horizontal rules with words, not paragraphs, between them.

Tables without horizontal rules are found by `unruled`.
"""

from dataclasses import dataclass

from loresmith.ingest.layout.captions import CAPTION
from loresmith.ingest.layout.lines import lines_of, runs_of, text_of
from loresmith.ingest.layout.page import Page, Rule, Word

_SHORTEST_RULE = 60
"""Points. Underlines, fraction bars and footnote rules are shorter."""


@dataclass(frozen=True, slots=True)
class Region:
    """The stretch of a page between the first and the last full-width rule of one table."""

    x0: float
    x1: float
    levels: tuple[float, ...]
    """Heights of the full-width rules, downwards; at least two."""

    @property
    def top(self) -> float:
        """Height of the first rule."""
        return self.levels[0]

    @property
    def bottom(self) -> float:
        """Height of the last rule."""
        return self.levels[-1]

    @property
    def separators(self) -> list[float]:
        """The levels with double rules (less than 4 points apart) taken as one."""
        kept = [self.levels[0]]
        for level in self.levels[1:]:
            if level - kept[-1] > 4:
                kept.append(level)
        return kept

    def holds(self, word: Word, slack: float = 1.0) -> bool:
        """Whether the word stands in this table; `slack` is added above and below."""
        inside = self.top - slack < word.height_middle < self.bottom + slack
        return inside and word.x0 > self.x0 - 5 and word.x1 < self.x1 + 6


def regions_of(page: Page) -> list[Region]:
    """Every stack of rules that may be a table, from top to bottom."""
    taken: set[int] = set()
    regions: list[Region] = []
    for index, rule in enumerate(page.rules):
        if index in taken or rule.length < _SHORTEST_RULE:
            continue
        stack = _stack(page, index, taken)
        levels = tuple(page.rules[each].y for each in stack)
        if len(levels) >= 2 and levels[-1] - levels[0] > 12:
            taken.update(stack)
            regions.append(Region(rule.x0, rule.x1, levels))
    return regions


def _stack(page: Page, first: int, taken: set[int]) -> list[int]:
    """Indices of the rules below `first` that continue its table, itself included."""
    top, stack = page.rules[first], [first]
    for index in range(first + 1, len(page.rules)):
        rule = page.rules[index]
        if index in taken or abs(rule.x0 - top.x0) >= 4 or abs(rule.x1 - top.x1) >= 4:
            continue
        above, below = page.rules[stack[-1]].y, rule.y
        between = [w for w in page.words if above < w.height_middle < below and w.x0 < top.x1 and w.x1 > top.x0]
        if not between and below - above > 14:
            break
        if reads_as_prose(between, top.x0, top.x1) or _sticks_out(between, top) or _holds_caption(between):
            break
        if between or below - above < 4:
            stack.append(index)
    return stack


def reads_as_prose(words: list[Word], x0: float, x1: float) -> bool:
    """Whether most lines are one unbroken run over nearly the whole width, as in a paragraph."""
    lines = lines_of(words)
    full = [line for line in lines if len(runs_of(line, 1.0)) == 1 and line[-1].x1 - line[0].x0 > 0.8 * (x1 - x0)]
    return len(lines) >= 2 and len(full) >= max(2, 0.5 * len(lines))


def _holds_caption(words: list[Word]) -> bool:
    """Whether a caption stands between the rules, which then frame a figure or belong to two things."""
    return any(CAPTION.match(text_of(line)) for line in lines_of(words))


def _sticks_out(words: list[Word], rule: Rule) -> bool:
    outside = sum(word.x0 < rule.x0 - 4 or word.x1 > rule.x1 + 4 for word in words)
    return outside > 0.1 * max(len(words), 1)
