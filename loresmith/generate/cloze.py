"""Claims from sentences that no other finder understands: their subject, or a name in them, is asked for."""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import parse
from loresmith.generate.frames import place_words, title_words, wordings
from loresmith.generate.prose import Sentence, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.records import Chunk

_MOST_WORDS = 26
_PERSON = re.compile(r"^[A-Z][a-z]+(?: (?:[A-Z]\.|[A-Z][a-z]+)){1,2}$")
_NAME = re.compile(
    r"(?<![\w“-])(?:[A-Z][\w.-]*[A-Z0-9][\w-]*|[A-Z]\w+-\d[\w.]*)(?: (?:[A-Z][\w-]*|\d[\w.]*[A-Z]?))*(?![\w-])"
)


def cloze_claims(chunk: Chunk) -> Iterator[Claim]:
    """The named subject of a sentence, asked for by what is said of it, or else one telling name in it."""
    for sentence in sentences_of(chunk):
        if len(sentence.text.split()) <= _MOST_WORDS:
            claim = _subject_claim(sentence, chunk) or _name_claim(sentence, chunk)
            if claim is not None:
                yield claim


def _subject_claim(sentence: Sentence, chunk: Chunk) -> Claim | None:
    clause = parse(sentence.text)
    if clause is None or clause.is_copula or needs_its_document(clause.subject) or len(clause.subject.split()) > 5:
        return None
    if clause.auxiliary in ("are", "were", "have") or (
        not clause.auxiliary and not clause.verb.endswith(("s", "ed", "d"))
    ):
        return None  # a plural: "what use 12 layers" is no question
    answer = re.sub(r"^(?:the|an?) ", "", clause.subject, flags=re.IGNORECASE)
    direct = clause.asked_of_subject("who or what" if _PERSON.match(answer) else "what")
    filled = sentence.text.replace(clause.subject, "____", 1)
    embedded = direct[0].lower() + direct[1:-1]
    return Claim("cloze", sentence.quote, clause.rest, answer, wordings(direct, embedded, filled, chunk))


def _name_claim(sentence: Sentence, chunk: Chunk) -> Claim | None:
    clause = parse(sentence.text)
    if clause is None:
        return None
    names = [
        found
        for found in _NAME.finditer(sentence.text)
        if sentence.text.count(found[0]) == 1
        and found.start() >= len(clause.subject)
        and len(found[0]) > 2
        and sentence.text[found.start() - 1] != "("
        and not re.match(r"\)|\.\S|\. [a-z]", sentence.text[found.end() :])
    ]
    if not names:
        return None
    chosen = max(names, key=lambda found: (len(found[0]), -found.start()))
    filled = f"{sentence.text[: chosen.start()]}____{sentence.text[chosen.end() :]}"
    leans = needs_its_document(clause.subject)
    title = place_words(chunk) if leans else title_words(chunk.title)
    asked = (
        f"Complete the sentence from {title}: {filled}" if leans else f"Complete the sentence: {filled}",
        f"Which name is missing in the statement of {title}? {filled}",
        f"One name has been left out: {filled} Which name does {title} put there?",
        f"Find the missing name. {filled} (From {title}.)",
        f"According to {title}, what belongs in the place of the gap? {filled}",
    )
    return Claim("cloze", sentence.quote, clause.subject, chosen[0], asked)
