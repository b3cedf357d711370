"""The labels of plots that the page itself draws: numbers beside bars and axes, which are no prose.

A plot is a cluster of many paths of which some are more than straight lines, and most words in it are numbers. Boxes of
code or text, algorithms and tables have other paths or other words, and stay. Not covered: diagrams whose boxes hold
words; they are read as short paragraphs.
"""

import re
from collections.abc import Sequence

from loresmith.ingest.layout.lines import lines_of
from loresmith.ingest.layout.page import Box, Page, Word

_NEAR = 8.0
"""Points between two paths of one plot."""
_FEWEST_PATHS = 12
_FEWEST_SHAPES = 4
"""Bars, curves and ticks; a table is made of long straight lines alone."""
_NUMERIC = 0.4
"""Share of the words in a plot that are numbers, at least."""
_ROWS = 0.2
"""Share of lines with a label and numbers from which a plot is believed to be a table."""
_LEAST_WIDTH, _LEAST_HEIGHT = 60.0, 40.0
_NUMBER = re.compile(r"[-−–+]?[\d.,]+(?:[%kKMBx×]|st|nd|rd|th)?")


def figure_words(page: Page, words: Sequence[Word]) -> set[int]:
    """Places in `words` (those outside of tables) that belong to plots."""
    found: set[int] = set()
    for plot in plots_of(page):
        box = Box(plot.x0 - _NEAR, plot.top - _NEAR, plot.x1 + _NEAR, plot.bottom + _NEAR)  # labels stand beside bars
        inside = [place for place, word in enumerate(words) if box.holds(word.middle, word.height_middle)]
        numbers = sum(bool(_NUMBER.fullmatch(words[place].text)) for place in inside)
        if numbers >= _NUMERIC * len(inside) and not _has_rows([words[place] for place in inside]):
            found.update(inside)
    return found


def _has_rows(words: Sequence[Word]) -> bool:
    """Whether lines begin with a label and go on with numbers, as those of a table do that was not found as one."""
    lines = lines_of(words)
    rows = [
        line
        for line in lines
        if any(map(str.isalpha, line[0].text)) and any(_NUMBER.fullmatch(word.text) for word in line[1:])
    ]
    return len(rows) >= _ROWS * len(lines)


def plots_of(page: Page) -> list[Box]:
    """Where so many paths stand together, and such paths, that they may be a plot."""
    straight = [
        *(Box(rule.x0, rule.y, rule.x1, rule.y) for rule in page.strokes),
        *(Box(upright.x, upright.top, upright.x, upright.bottom) for upright in page.uprights),
    ]
    if len(page.shapes) < _FEWEST_SHAPES or len(page.shapes) + len(straight) < _FEWEST_PATHS:
        return []
    clusters: list[tuple[Box, int, int]] = []  # box, paths, shapes
    for box, is_shape in [*((box, 0) for box in straight), *((box, 1) for box in page.shapes)]:
        clusters = _with_path(clusters, box, is_shape)
    return [
        box
        for box, paths, shapes in clusters
        if paths >= _FEWEST_PATHS and shapes >= _FEWEST_SHAPES
        if box.x1 - box.x0 >= _LEAST_WIDTH and box.bottom - box.top >= _LEAST_HEIGHT
    ]


def _with_path(clusters: list[tuple[Box, int, int]], box: Box, is_shape: int) -> list[tuple[Box, int, int]]:
    """The clusters with one path more; clusters that it ties together become one."""
    paths, shapes, apart = 1, is_shape, clusters
    grown = True
    while grown:
        near = [cluster for cluster in apart if _is_near(cluster[0], box)]
        apart = [cluster for cluster in apart if not _is_near(cluster[0], box)]
        grown = bool(near)
        for other, count, shape_count in near:
            box = Box(
                min(box.x0, other.x0), min(box.top, other.top), max(box.x1, other.x1), max(box.bottom, other.bottom)
            )
            paths, shapes = paths + count, shapes + shape_count
    return [*apart, (box, paths, shapes)]


def _is_near(one: Box, two: Box) -> bool:
    return (
        one.x0 - _NEAR <= two.x1
        and two.x0 - _NEAR <= one.x1
        and one.top - _NEAR <= two.bottom
        and two.top - _NEAR <= one.bottom
    )
