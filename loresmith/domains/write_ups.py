"""Markdown documents: CTF write-ups, security notes, encyclopedias.

A section becomes a question only where its author wrote one: a heading that ends in a question mark, or a challenge
with its solution below. Everything else is left to `loresmith run` on the documents, whose questions are checked
against their quotes; turning any section into an instruction would put words into its author's mouth.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from loresmith.domains.question import DomainQuestion, Found
from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dropped
from loresmith.records import Record

SUFFIXES = (".md", ".markdown")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
FENCE = re.compile(r"^\s*(```|~~~)")
CHALLENGE = re.compile(
    r"^(?:the )?(?:challenge|task|problem|prompt)(?: (?:description|text|statement))?$|^description$"
)
SOLUTION = re.compile(r"^(?:the |my )?(?:solution|solve|solving|walkthrough|write-?up|exploit(?:ation)?)(?: steps)?$")
LONGEST_CHARACTERS = 6000
"""Of a question or an answer: about 1,500 tokens, so that both fit a window of 4,096."""


class Part(Record):
    """A heading and the text below it, up to the next heading of any level."""

    level: int
    heading: str
    text: str
    """Up to the next heading of the same or a higher level, headings below it included."""


def documents(source: Path) -> list[Path]:
    """The Markdown files of a folder, or the file alone; links are not followed.

    Raises:
        UserError: there is none.
    """
    inside = [source] if source.is_file() else sorted(source.rglob("*"))
    found = [path for path in inside if path.is_file() and not path.is_symlink() and path.suffix.lower() in SUFFIXES]
    if not found:
        raise UserError(f"{source} holds no Markdown documents.", next_step="Give a folder with .md files in it.")
    return found


def section_questions(source: Path) -> Iterator[Found]:
    """The questions that the authors of the documents wrote; a document without any is dropped from the rows.

    Raises:
        UserError: see `documents`.
    """
    for path in documents(source):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (UnicodeDecodeError, OSError):
            yield Dropped(place=str(path), reason="a document that is not UTF-8")
            continue
        topic = path.parent.name if path.parent != source and path != source else ""
        asked = list(_asked(parts(text)))
        for question, answer in asked:
            if max(len(question), len(answer)) > LONGEST_CHARACTERS:
                yield Dropped(place=str(path), reason=f"a section of more than {LONGEST_CHARACTERS} characters")
            else:
                yield DomainQuestion(place=str(path), question=question, answer=answer, topic=topic)
        if not asked:
            yield Dropped(place=str(path), reason="a document in which no section asks or is a challenge")


def parts(text: str) -> list[Part]:
    """The sections of a document; signs in code are no headings."""
    lines, marks, is_code = text.splitlines(), [], False
    for number, line in enumerate(lines):
        if FENCE.match(line):
            is_code = not is_code
        elif not is_code and (found := HEADING.match(line)):
            marks.append((number, len(found[1]), found[2].strip(" *_")))
    cut = []
    for place, (number, level, heading) in enumerate(marks):
        end = next((other for other, below, _ in marks[place + 1 :] if below <= level), len(lines))
        cut.append(Part(level=level, heading=heading, text="\n".join(lines[number + 1 : end]).strip()))
    return cut


def _asked(sections: list[Part]) -> Iterator[tuple[str, str]]:
    title = next((part.heading for part in sections if part.level == 1), "")
    challenge = ""
    for part in sections:
        plain = part.heading.lower().rstrip(":")
        if part.heading.endswith("?") and len(part.heading.split()) > 2 and part.text:
            yield part.heading, part.text
        elif part.level == 1:
            title, challenge = part.heading, ""
        elif CHALLENGE.match(plain) and part.text:
            challenge = part.text
        elif SOLUTION.match(plain) and challenge and part.text:
            named = f"How is the challenge “{title}” solved?" if title else "How is this challenge solved?"
            yield f"{named}\n\n{challenge}", part.text
            challenge = ""
