"""What a reader made of a document, in numbers and headings: pure counting over its Markdown."""

import re
from dataclasses import dataclass

MOST_HEADINGS = 200
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$")
_RULER = re.compile(r"^\|(?:\s*:?-+:?\s*\|)+$")
_MARK = re.compile(r"^<!-- page (\d+) -->$")


@dataclass(frozen=True)
class Heading:
    """A section's title."""

    level: int
    text: str
    page: int | None


@dataclass(frozen=True)
class Outline:
    """What was understood of a document."""

    headings: tuple[Heading, ...]
    """At most `MOST_HEADINGS`."""
    sections: int
    tables: int
    words: int


def outline_of(text: str) -> Outline:
    """The outline of a document's Markdown; marks of pages are no words."""
    headings: list[Heading] = []
    sections = tables = words = 0
    page: int | None = None
    is_code = False
    for line in map(str.strip, text.splitlines()):
        if mark := _MARK.match(line):
            page = int(mark.group(1))
            continue
        is_code ^= line.startswith(("```", "~~~"))
        words += sum(any(letter.isalnum() for letter in word) for word in line.split())
        if is_code:
            continue
        if found := _HEADING.match(line):
            sections += 1
            if len(headings) < MOST_HEADINGS:
                headings.append(Heading(len(found.group(1)), found.group(2), page))
        tables += bool(_RULER.match(line))
    return Outline(tuple(headings), sections, tables, words)
