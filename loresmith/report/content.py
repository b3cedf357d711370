"""What a report holds: sections of blocks, rendered alike as HTML, Markdown and JSON.

All text is plain and whoever renders it escapes it. Nothing in a block is markup, except the panels of a `Picture`,
which are drawn by this package.
"""

from typing import Annotated, Literal

from pydantic import Field

from loresmith.records import Record


class Prose(Record):
    """A paragraph."""

    kind: Literal["prose"] = "prose"
    text: str
    tone: Literal["plain", "note", "warning"] = "plain"
    timed: bool = False
    """Tells seconds or memory: stays out of `report.json`."""


class Points(Record):
    """A list."""

    kind: Literal["points"] = "points"
    items: tuple[str, ...]
    tone: Literal["plain", "warning"] = "plain"


class Facts(Record):
    """Names and their values."""

    kind: Literal["facts"] = "facts"
    items: tuple[tuple[str, str], ...]
    timed: bool = False
    """Holds seconds, bytes of memory or the machine: differs from run to run, so it stays out of `report.json`."""


class Column(Record):
    """A column of a table."""

    name: str
    is_number: bool = False
    is_code: bool = False


class Table(Record):
    """Rows of text."""

    kind: Literal["table"] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False
    """Long and rarely needed: closed until asked for."""
    timed: bool = False


class HeatCell(Record):
    """A share in a heat map, with its 95% interval."""

    share: float
    low: float
    high: float
    n: int
    is_small: bool


class Heat(Record):
    """Shares by row and column, tinted; what the rows are stands in `rows_are`."""

    kind: Literal["heat"] = "heat"
    caption: str
    rows_are: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell | None, ...]], ...]
    folded: bool = False
    """Closed until asked for."""


class Picture(Record):
    """A drawing."""

    kind: Literal["picture"] = "picture"
    caption: str
    panels: tuple[str, ...]
    """SVG, side by side where there is room."""
    text: str
    """The same as plain characters, for Markdown."""


class Said(Record):
    """What one arm answered."""

    arm: str
    given: str
    correct: bool | None
    """`None` where the answer is neither right nor wrong."""
    unparsed: str | None = None


class Example(Record):
    """A question with what the arms answered and what the source says."""

    question: str
    options: tuple[str, ...]
    answer: str
    said: tuple[Said, ...]
    """Of the two arms that are compared."""
    others: tuple[Said, ...] = ()
    """Of all other arms that were asked."""
    source: str
    page: int | None
    quote: str
    exam: str


class Examples(Record):
    """Questions won or lost."""

    kind: Literal["examples"] = "examples"
    caption: str
    items: tuple[Example, ...]


class Command(Record):
    """Something to run, and why."""

    kind: Literal["command"] = "command"
    line: str
    why: str


Block = Annotated[
    Prose | Points | Facts | Table | Heat | Picture | Examples | Command,
    Field(discriminator="kind"),
]


class Section(Record):
    """A chapter."""

    id: str
    title: str
    lead: str = ""
    blocks: tuple[Block, ...]


class Highlight(Record):
    """One of the few figures that stand on top."""

    label: str
    value: str
    detail: str


class Report(Record):
    """The whole report."""

    name: str
    title: str
    author: str | None
    decision: str
    headline: str
    highlights: tuple[Highlight, ...]
    evidence: tuple[str, ...]
    cautions: tuple[str, ...]
    sections: tuple[Section, ...]
    next: Command | None = None
    """What to run first, and why."""
    technical: tuple[Section, ...]
    """The technical report, in the order in which it is written by hand."""
    version: str
