"""Claims about terms: "X is a Y that ...", "X, short for Y", "Long Name (LN)", "**X**: what it is"."""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import parse
from loresmith.generate.frames import title_words, wordings
from loresmith.generate.plain import capitalised, decapitalised
from loresmith.generate.prose import Item, Sentence, items_of, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.generate.wordlists import word_set
from loresmith.records import Chunk

_SHORT_FOR = re.compile(
    r"^(?P<term>(?:The |An? )?[\w./+-]+(?: [\w./+-]+){0,3}?), (?:which is )?short for (?P<long>[^,;:.]+?),\s+"
)
_STANDS_FOR = re.compile(
    r"^(?P<term>[\w./+-]+(?: [\w./+-]+){0,2}) (?:stands for|is short for|is an abbreviation of) (?P<long>[^,;:]+?)[.,;]"
)
_ABBREVIATED = re.compile(
    r"(?P<long>[A-Za-z][\w’']*(?:[ -][A-Za-z][\w’']*){1,7}) \((?P<term>[A-Z][A-Za-z0-9-]{1,9})s?\)"
)
_GENUS = re.compile(
    r"^(?:an?|the) (?P<genus>[\w’'/-]+(?: [\w’'/-]+){0,7}?) "
    r"(?P<link>that|which|for|of|in|with|by|used|designed|made|where|whose|to) (?P<rest>.+)$"
)
_NOT_A_TERM = re.compile(
    r"^(?:the |an? )?(?:first|second|third|fourth|last|best|worst|latter|former|main|other|rest|most)(?: |$)"
    r"|\b(?:result|reason|goal|aim|purpose|idea|problem|challenge|question|example|difference|advantage|drawback|issue|step"
    r"|focus|key|contribution|finding|observation|performance|improvement|fact|case|way|point|work|paper|section|task)s?\b",
    re.IGNORECASE,
)
_VALUE_WORDS = re.compile(
    r"^(?:an?|the) (?:(?:very|more|most|less|least|quite|rather|new|novel|good|better|best|key|major|main|great|common"
    r"|simple|popular|promising|strong|significant|important|crucial|critical|effective|powerful|natural|useful|challenging|first|last"
    r"|second|third|same|only|other|result|reason|case|number|lot|part|kind|type|sort|way|matter|fact|point|step"
    r"|bit) ?)+",
    re.IGNORECASE,
)
_JUDGES = re.compile(
    r"\b(?:fascinating|reasonable|integral|promising|significant|important|crucial|critical|essential|fundamental|natural"
    r"|good|great|better|best|powerful|strong|useful|valuable|key|major|common|popular|interesting|remarkable|notable"
    r"|challenging|difficult|effective|efficient|novel|comprehensive|robust|viable|ideal|perfect|vital|testament"
    r"|demonstration|advancement|improvement|contribution|extension|combination|average|exception|example|member|wrong|right|intriguing|main|meticulous|fine|perfect|poor|bad)\b",
    re.IGNORECASE,
)
_SMALL = word_set("of the for and in on to a an with by from at via")


def definition_claims(chunk: Chunk) -> Iterator[Claim]:
    """Terms and what they are, asked in both directions; abbreviations and what they stand for."""
    title = title_words(chunk.title)
    for sentence in sentences_of(chunk):
        yield from _expansions(sentence, title)
        yield from _definitions(sentence, chunk)
    for item in items_of(chunk):
        if item.defines:
            yield from _glossary_entry(item)
            continue
        if re.match(r"^(?:an?|the) \w+", item.rest, re.IGNORECASE) and not needs_its_document(item.label + " X"):
            yield from _term_and_meaning(item.quote, item.label, item.rest.rstrip("."), chunk)


def _glossary_entry(item: Item) -> Iterator[Claim]:
    """A term and its meaning as a glossary has them, in both directions."""
    term, meaning = item.label, item.rest.rstrip(".")
    if len(meaning.split()) < 2 or "{" in meaning:
        return
    asked = (
        f"Which term means “{meaning}”?",
        f"Complete the entry: ____: {meaning}",
        f"A glossary explains one of its words as “{meaning}”. Which one?",
        f"Name the term that a glossary defines so: {meaning}",
        f"What is the word for “{meaning}”?",
    )
    yield Claim("term", item.quote, meaning, term, asked)
    asked = (
        f"What is the meaning of the term {term}?",
        f"Complete the entry: {term}: ____",
        f"How would a glossary explain {term}?",
        f"Define {term} in a few words.",
        f"{capitalised(term)}: what do people mean by it?",
    )
    yield Claim("definition", item.quote, term, meaning, asked)


def _expansions(sentence: Sentence, title: str) -> Iterator[Claim]:
    for pattern in (_SHORT_FOR, _STANDS_FOR):
        if found := pattern.match(sentence.text):
            yield _expansion(sentence.quote, found["term"], found["long"], title)
            return
    for found in _ABBREVIATED.finditer(sentence.text):
        long = _initials_match(found["long"], found["term"])
        if long:
            yield _expansion(sentence.quote, found["term"], long, title)


def _expansion(quote: str, term: str, long: str, title: str) -> Claim:
    asked = (
        f"What does {term} stand for?",
        f"Complete the sentence: {term} is short for ____.",
        f"According to {title}, what is the full name behind the abbreviation {term}?",
        f"Spell out {term} as {title} does.",
        f"Which words does the short form {term} replace?",
        f"{term} is an abbreviation. Write it in full.",
        f"How does {title} expand {term}?",
        f"Give the long form of {term}.",
    )
    return Claim("expansion", quote, term, long, asked)


def _initials_match(words: str, short: str) -> str:
    """The last words of `words` whose initials spell `short`; empty when none do."""
    parts = re.findall(r"[\w’']+|[ -]+", words)
    letters = re.sub(r"[^A-Za-z]", "", short).lower()
    if len(letters) < 2 or not letters.isalpha():
        return ""
    names = [index for index, part in enumerate(parts) if part[0].isalnum()]
    for begin in reversed(range(len(names))):
        chosen = [parts[index] for index in names[begin:]]
        initials = "".join(word[0].lower() for word in chosen if word.lower() not in _SMALL)
        every = "".join(word[0].lower() for word in chosen)
        if letters in (initials, every) and chosen[0].lower() not in _SMALL:
            return "".join(parts[names[begin] :]).strip()
    return ""


def _definitions(sentence: Sentence, chunk: Chunk) -> Iterator[Claim]:
    text = _SHORT_FOR.sub(lambda found: found["term"] + " ", sentence.text)
    clause = parse(text)
    if clause is None or clause.auxiliary not in ("is", "are") or clause.verb:
        return
    term, meaning = clause.subject, clause.rest
    if _NOT_A_TERM.search(term) or _JUDGES.search(term) or not re.match(r"^(?:an?|the) ", meaning):
        return
    if len(term.split()) > 8 or re.search(r", (?:it|they|he|she)\b", meaning):
        return
    yield from _term_and_meaning(sentence.quote, term, meaning, chunk, verb=clause.auxiliary)


def _term_and_meaning(quote: str, term: str, meaning: str, chunk: Chunk, *, verb: str = "is") -> Iterator[Claim]:
    genus = _GENUS.match(meaning)
    if genus is None or _VALUE_WORDS.fullmatch(f"the {genus['genus']}") or len(meaning.split()) < 5:
        return
    head = genus["genus"].split()[-1]
    if _JUDGES.search(genus["genus"]) or head in (
        "one",
        "key",
        "result",
        "reason",
        "way",
        "case",
        "lot",
        "number",
        "problem",
        "challenge",
    ):
        return
    named = re.sub(r"^(?:the|an?) ", "", term, flags=re.IGNORECASE)
    leans = needs_its_document(term) and needs_its_document("X " + meaning) and len(named.split()) < 2 and term != named
    inner = decapitalised(term, is_plural=verb == "are")
    ordinal = re.match(r"(?:first|second|third|last|only|next|same)\b", genus["genus"])
    if genus["link"] in ("that", "which") and not ordinal and not _object_relative(genus["rest"]):
        direct = f"Which {genus['genus']} {genus['rest']}?"
    else:
        direct = f"What is the name for {meaning}?"
    yield Claim(
        "term",
        quote,
        meaning,
        named,
        wordings(direct, f"which term means {meaning}", f"____ {verb} {meaning}.", chunk, leans=leans),
    )
    direct = f"What {verb} {inner}?"
    said = wordings(direct, f"what {inner} {verb}", f"{term} {verb} ____.", chunk, leans=needs_its_document(term))
    is_long = len(meaning.split()) > 12  # nobody words so much of it alike
    yield Claim("definition", quote, inner, meaning, said, is_long=is_long)


def _object_relative(rest: str) -> bool:
    """Whether "that ..." goes on with a subject of its own, as in "a unit that people use"."""
    first = rest.split()[0].lower()
    return first in ("the", "a", "an", "we", "it", "they", "people", "you", "one", "its", "their", "each", "no", "some")
