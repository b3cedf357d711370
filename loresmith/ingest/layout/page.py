"""What a PDF page holds, as this project sees it: words, rules, and nothing of the library that read them.

All lengths are in points; x grows to the right and y grows *downwards* from the top edge of the page.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    """Letters that stand together on one baseline in one type."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    """Of the line that the word belongs to; a superscript carries that of the word it hangs on."""
    size: float
    """Height of the type after all scaling."""
    bold: bool
    italic: bool
    font: str
    """Name without the subset prefix."""
    raised: bool = False
    lowered: bool = False
    nested: bool = False
    """Drawn inside an embedded drawing, so usually the label of a figure."""
    hyphenated: bool = False
    """Ends in a hyphen that the PDF itself marks as made at the line's end."""

    @property
    def middle(self) -> float:
        """Horizontal centre."""
        return (self.x0 + self.x1) / 2

    @property
    def height_middle(self) -> float:
        """Vertical centre."""
        return (self.top + self.bottom) / 2


Line = list[Word]
"""Words of one baseline from left to right; never empty."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    x0: float
    x1: float
    y: float

    @property
    def length(self) -> float:
        """Points from end to end."""
        return self.x1 - self.x0


@dataclass(frozen=True, slots=True)
class Upright:
    """A vertical line."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def area(self) -> float:
        """Square points."""
        return max(0.0, self.x1 - self.x0) * max(0.0, self.bottom - self.top)

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside or on the edge."""
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it is drawn, before anything is understood."""

    number: int
    """Counts from 1."""
    width: float
    height: float
    words: list[Word]
    strokes: list[Rule]
    """Horizontal lines as drawn, piece by piece."""
    rules: list[Rule]
    """Horizontal lines with touching pieces joined."""
    uprights: list[Upright]
    shapes: list[Box] = field(default_factory=list)
    """Boxes of the paths that are no straight lines; at most a thousand, as more say no more about a page."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One line of the PDF's own table of contents."""

    title: str
    level: int
    """1 is the outermost."""
    page: int | None
    """Counts from 1."""
