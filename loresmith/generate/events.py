"""Claims about when something happened and who did it: "X was introduced by Y in March 2023"."""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import parse
from loresmith.generate.frames import content_words, stated_in, wordings
from loresmith.generate.plain import decapitalised
from loresmith.generate.prose import Sentence, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.generate.verbs import FORMS
from loresmith.records import Chunk

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = rf"(?:(?:{MONTH} (?:\d{{1,2}}, )?|\d{{1,2}} {MONTH} )?(?:1[5-9]|20)\d{{2}})"
_WHEN = re.compile(rf"\b(?P<preposition>in|on|since|by) (?P<date>{_DATE})(?=[\s,.;)]|$)")
_DONE = (
    "introduced|proposed|published|developed|released|created|written|invented|presented|designed|described|measured|announced"
    "|discovered|founded|launched|coined|formulated|derived|demonstrated|showed|compared|studied|found|patented|isolated|named"
)
_PERSON = r"[A-Z][\w.’'-]*(?: (?:[A-Z][\w.’'-]*|van|von|de|der|den|la|Le))*"
_BY = re.compile(
    rf"\bby (?P<agent>{_PERSON}(?:, {_PERSON})*,?(?: and (?:{_PERSON}|colleagues|others|(?:his|her) team))?"
    r"(?: (?:at|of|from) (?:the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)?)(?=[.,;)]| in\b| on\b| and\b|$)"
)
_ACTIVE = re.compile(
    rf"^(?P<agent>(?:[A-Z][\w.’'-]+)(?: (?:[A-Z][\w.’'-]*|and|colleagues|of|at|van|de|von|Ben))*) "
    rf"(?P<verb>{_DONE}) (?P<object>.+)$"
)


def event_claims(chunk: Chunk) -> Iterator[Claim]:
    """Dates and doers of the sentences that tell who did what when."""
    for sentence in sentences_of(chunk):
        yield from _passive(sentence, chunk)
        yield from _active(sentence, chunk)


def _passive(sentence: Sentence, chunk: Chunk) -> Iterator[Claim]:
    clause = parse(sentence.text)
    if clause is None or clause.auxiliary not in ("is", "are", "was", "were") or not clause.verb:
        return
    leans = needs_its_document(clause.subject)
    when = _WHEN.search(clause.rest)
    if when and len(clause.rest[: when.start()].split()) <= 12:
        before = clause.rest[: when.start()].strip()
        direct = clause.asked("when", before)
        filled = sentence.text.replace(when["date"], "____", 1)
        echo = f"{clause.subject} {clause.auxiliary} {clause.verb} {before} when?".replace("  ", " ")
        asked = wordings(direct, clause.embedded("when", before), filled, chunk, echo=echo, leans=leans)
        yield _dated(sentence, clause.subject, when["date"], asked, stated_in(filled, chunk, leans=leans))
    by = _BY.search(clause.rest)
    if by and re.fullmatch(_DONE, clause.verb.split()[-1]):
        agent = by["agent"]
        rest = f"{clause.rest[: by.start()]} {clause.rest[by.start('agent') + len(agent) :]}"
        rest = " ".join(re.split(r"[;(]|, ", rest)[0].split())
        direct = clause.asked("by whom", rest)
        filled = sentence.text.replace(f"by {agent}", "by ____", 1)
        asked = wordings(direct, clause.embedded("by whom", rest), filled, chunk, leans=leans)
        yield Claim("agent", sentence.quote, clause.subject, agent, asked)


def _active(sentence: Sentence, chunk: Chunk) -> Iterator[Claim]:
    found = _ACTIVE.match(sentence.text.rstrip("."))
    if found is None or len(found["agent"].split()) < 2:
        return
    agent, verb = found["agent"], found["verb"]
    when = _WHEN.search(found["object"])
    thing = found["object"][: when.start()].strip() if when else re.split(r"[,;(]", found["object"])[0].strip()
    if not 1 <= len(thing.split()) <= 14 or thing.endswith((" of", " to", " that")):
        return
    tail = f" {when['preposition']} {when['date']}" if when else ""
    leans = needs_its_document("x " + thing)
    filled = sentence.text.replace(agent, "____", 1)
    asked = wordings(f"Who {verb} {thing}{tail}?", f"who {verb} {thing}{tail}", filled, chunk, leans=leans)
    yield Claim("agent", sentence.quote, thing, agent, asked)
    base = _base(verb)
    if when and base:
        filled = sentence.text.replace(when["date"], "____", 1)
        direct, embedded = f"When did {decapitalised(agent)} {base} {thing}?", f"when {agent} {verb} {thing}"
        asked = wordings(direct, embedded, filled, chunk, leans=leans)
        yield _dated(sentence, thing, when["date"], asked, stated_in(filled, chunk, leans=leans))


def _dated(sentence: Sentence, thing: str, date: str, asked: tuple[str, ...], stated: str) -> Claim:
    return Claim("date", sentence.quote, thing, date, asked, stated=stated, about=content_words(thing))


def _base(verb: str) -> str:
    return FORMS[verb][0] if verb in FORMS else ""
