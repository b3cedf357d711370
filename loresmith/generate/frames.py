"""Several really different wordings from the parts of one question."""

import re

from loresmith.generate.plain import capitalised, decapitalised
from loresmith.records import Chunk


def title_words(title: str, most: int = 6) -> str:
    """A title short enough to stand in a question: up to its colon, at most `most` words, in quotation marks.

    Six: longer ones would make half of a 13-word run shared by all questions on one document, which is no leak.
    """
    head, _, tail = re.sub("[“”]", "", title).partition(":")
    is_series = re.fullmatch(r"\s*[A-Za-z]+(?: [a-z]+)? \d+\s*", head) is not None  # "Chapter 3", "Field guide 6"
    words = (tail if is_series and tail.strip() else head if len(head.strip()) >= 4 else title).split()
    return f"“{' '.join(words[:most])}”"


def place_words(chunk: Chunk) -> str:
    """The section and title of a chunk, for statements that make sense only there: `the section “GLUE” of “BERT”`."""
    heading = heading_words(chunk)
    title = title_words(chunk.title)
    return f"the section “{heading}” of {title}" if heading and f"“{heading}”" != title else title


def heading_words(chunk: Chunk, most: int = 6) -> str:
    """The innermost heading without its number, cut to `most` words; empty where it says nothing."""
    if not chunk.headings or chunk.headings[-1] == chunk.title:
        return ""
    heading = re.sub(r"^(?:[\dA-Z]{1,2}(?:\.\d+)*\.?|[IVX]+\.)\s+", "", chunk.headings[-1])
    is_empty = re.match(r"(?:introduction|abstract|conclusions?|discussion|summary|overview)\b", heading, re.IGNORECASE)
    return (
        "" if is_empty or (len(chunk.headings) < 2 and len(heading.split()) > 8) else " ".join(heading.split()[:most])
    )


def stated_in(statement: str, chunk: Chunk, *, leans: bool = False) -> str:
    """The statement with the name of the document that makes it, or of the section where it `leans` on that."""
    place = place_words(chunk) if leans else title_words(chunk.title)
    return f"According to {place}, {decapitalised(statement)}"


def content_words(statement: str) -> tuple[str, ...]:
    """The words of a statement that say what it is about: names, and words of four letters or more."""
    found = re.findall(r"[^\W_][\w.+-]*[^\W_]", statement)
    return tuple(dict.fromkeys(word for word in found if len(word) > 3 or re.search(r"[A-Z\d]", word[1:])))


def wordings(
    direct: str, embedded: str, filled: str, chunk: Chunk, *, echo: str = "", leans: bool = False
) -> tuple[str, ...]:
    """Questions from a direct question, its embedded form, the statement with a blank, and the name of the document.

    With `leans` the statement makes sense only in its place ("the encoder has ..."), so each question names the place.
    """
    title = place_words(chunk) if leans else title_words(chunk.title)
    asked = direct[:1].lower() + direct[1:]
    if leans:
        made = [
            f"According to {title}, {asked}",
            f"Complete the sentence from {title}: {filled}",
            f"State, as {title} says, {embedded}.",
            f"In {title}, {decapitalised(echo)}" if echo else f"Tell {embedded}, using {title}.",
            f"A reader of {title} wants to know {embedded}. What is the answer?",
            f"Which words fill the gap in {title}? {filled}",
            f"Say briefly {embedded} in {title}.",
            f"{capitalised(direct)} Answer from {title}.",
        ]
    else:
        made = [
            capitalised(direct),
            f"Complete the sentence: {filled}",
            f"According to {title}, {asked}",
            f"State {embedded}.",
            capitalised(echo) if echo else f"Tell {embedded}, using {title}.",
            f"Somebody wants to know {embedded}. What is the answer?",
            f"Which words fill the gap? {filled}",
            f"Say briefly {embedded}, going by {title}.",
        ]
    return tuple(made)


def gap_wordings(echo: str, filled: str, chunk: Chunk, *, leans: bool = False) -> tuple[str, ...]:
    """Questions from an echo ("BERT uses a vocabulary of how many tokens?") and the statement with a blank."""
    title = place_words(chunk) if leans else title_words(chunk.title)
    asked = decapitalised(echo)
    return (
        f"In {title}, {asked}" if leans else capitalised(echo),
        f"Complete the sentence from {title}: {filled}" if leans else f"Complete the sentence: {filled}",
        f"What fills the gap in the statement of {title}? {filled}",
        f"According to {title}, {asked}",
        f"One value is missing here: {filled} Which one does {title} give?",
        f"{capitalised(asked)} Answer from {title}.",
    )
