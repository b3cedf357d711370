"""Claims about lists: sentences that name the members of something, and list items below a line that announces them.

"X consists of A, B and C", "X has three parts: A, B and C", "things such as A and B", and a Markdown list whose items
are short. The answer names all members in their order. Not covered: members that are clauses, nested lists, and lists
that may go on behind their end ("and so on", "including but not limited to").
"""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.clauses import parse
from loresmith.generate.frames import place_words, title_words, wordings
from loresmith.generate.plain import capitalised, decapitalised, gives_away, plain
from loresmith.generate.prose import Sentence, holds_exercises, sentences_of
from loresmith.generate.selfcontained import needs_its_document
from loresmith.generate.survey import Survey
from loresmith.generate.verbs import FORMS
from loresmith.generate.wordlists import word_list
from loresmith.records import Chunk

_NUMBERS = ("one", *word_list("two three four five six seven eight"))
_COUNT = rf"(?P<count>{'|'.join(_NUMBERS[1:])})"
_MEMBER = r"[^,;:.()“”—]+?"
_MEMBERS = rf"(?P<members>{_MEMBER}(?:, {_MEMBER})*,? and {_MEMBER})"
_MADE_OF = re.compile(
    rf"^(?P<whole>[^,;:()]+?) (?P<how>(?:mainly |primarily )?consists? (?:mainly |primarily )?of|(?:is|are) composed of"
    rf"|(?:is|are) made up of|comprises?) (?:{_COUNT} (?P<kind>[^,;:.]+?)(?::|,? namely|: namely,?) )?{_MEMBERS}\.$"
)
_ANNOUNCED = re.compile(rf"^(?P<main>[^,;:()]+? {_COUNT} (?P<kind>[^,;:()]+?))(?::|, namely,?) {_MEMBERS}\.$")
_EXAMPLES = re.compile(rf"^(?P<before>.+?\b(?P<kind>[a-z][a-z-]*s)),? such as {_MEMBERS}(?P<after>\.|, .+)$")
_NO_MEMBER = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|can|will|would|may|which|that|who|whose|where|when|while|if|it|they|we|their"
    r"|its|this|these|those|etc|more|others?|so on|such|as well|both|either|not|also|then|each|respectively|to|by)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"(?:^|\s)(on|in|for|with|from|into|across|at|through|by|to)$")
_NO_KIND = re.compile(r"^(?:as|is|was|has|this|its|less|various|across|perhaps|always|besides|towards|ss)$")
_RUNS_ON = re.compile(r"\b(?:for|in|with|on|from|at|into|through|via|over|across|during|after|before|using)\b")
_TAIL = re.compile(r" (?=(?:to|for|in|on|with|from|across|at) )")
_LIST = re.compile(
    r"^(?![ \t]*(?:[-*+#|>]|\d+[.)]))(?P<lead>[^\n]{8,160}:)[ \t]*\n{1,2}"
    r"(?P<items>(?P<indent> {0,3})(?:[-*+]|\d{1,2}[.)])[ \t]+[^\n]{1,60}"
    r"(?:\n(?P=indent)(?:[-*+]|\d{1,2}[.)])[ \t]+[^\n]{1,60}){1,5})(?!\n+[ \t]*(?:[-*+]|\d{1,2}[.)])|\n?[^\n])",
    re.MULTILINE,
)
_TALK = re.compile(r"“|\b(?:you|your|we|our|us|let|this|these|those|here)\b", re.IGNORECASE)
_MARK = re.compile(r"^[ \t]*(?:[-*+]|\d{1,2}[.)])[ \t]+")
_MOST_MEMBER_WORDS = 5
_MOST_MEMBERS = 6


def list_claims(chunk: Chunk, survey: Survey) -> Iterator[Claim]:
    """One claim per sentence or Markdown list that names its members."""
    if holds_exercises(chunk):
        return
    for sentence in sentences_of(chunk, may_give_examples=True):
        claim = _made_of(sentence, chunk) or _announced(sentence, chunk) or _examples(sentence, chunk)
        if claim is not None:
            yield claim
    yield from _items(chunk, survey)


def members_of(answer: str) -> list[str]:
    """The members that an answer such as "A, B and C" names."""
    return [member.strip() for member in re.split(r",? and |, ", answer) if member.strip()]


def _made_of(sentence: Sentence, chunk: Chunk) -> Claim | None:
    """What a whole is made of: `The input consists of queries, keys and values.`."""
    found = _MADE_OF.match(sentence.text)
    if found is None or not _are_members(found["members"], found["count"]):
        return None
    whole, how = found["whole"], found["how"]
    is_plural = how.endswith(("consist of", "comprise")) or how.startswith("are")
    clause = parse(f"{whole} {'have' if is_plural else 'has'} parts.")
    if clause is None or clause.subject != whole:
        return None  # another verb stands before: "The glands lie on the kidneys and consist of ..."
    inner = decapitalised(whole, is_plural=is_plural)
    if how.startswith(("is", "are")):
        verb, _, rest = how.partition(" ")
        direct = f"What {verb} {inner} {rest}?"
    else:
        base = how.replace("consists", "consist").replace("comprises", "comprise")
        direct = f"What {'do' if is_plural else 'does'} {inner} {base}?"
    counted = f" {found['count']} {found['kind']}:" if found["count"] else ""
    leans, filled = needs_its_document(whole), f"{whole} {how}{counted} ____."
    echo = f"{whole} {how} what?"
    asked = wordings(direct, f"what {inner} {how}", filled, chunk, echo=echo, leans=leans)
    return Claim("list", sentence.quote, whole, found["members"], asked)


def _announced(sentence: Sentence, chunk: Chunk) -> Claim | None:
    """Members behind their number: `The model has three parts: an encoder, a decoder and a head.`."""
    found = _ANNOUNCED.match(sentence.text)
    clause = parse(found["main"]) if found else None
    if found is None or clause is None or not _are_members(found["members"], found["count"]):
        return None
    things = f"{found['count']} {found['kind']}"
    noun, _, tail = _TAIL.sub("\n", things, count=1).partition("\n")
    before = clause.rest.removesuffix(things).strip()
    last = _PREPOSITION.search(before)
    if not clause.rest.endswith(things) or clause.is_copula or (before and last is None):
        return None
    words = f"{last[1]} which {noun}" if last else f"which {noun}"
    held = f"{before[: last.start()] if last else ''} {tail}".strip()
    direct, embedded = clause.asked(words, held), clause.embedded(words, held)
    leans = needs_its_document(clause.subject)
    asked = wordings(direct, embedded, f"{found['main']}: ____.", chunk, leans=leans)
    return Claim("list", sentence.quote, clause.subject, found["members"], asked)


def _examples(sentence: Sentence, chunk: Chunk) -> Claim | None:
    """Examples: `BERT was tested on benchmarks such as GLUE, SQuAD and SWAG.`."""
    found = _EXAMPLES.match(sentence.text)
    if found is None or not _are_members(found["members"]) or _NO_KIND.search(found["kind"]):
        return None
    if _RUNS_ON.search(members_of(found["members"])[-1]) or any(
        word in FORMS for word in members_of(found["members"])[-1].split()[1:]
    ):
        return None  # "such as Java and Python outperform" ends in no name
    kind, (start, end) = found["kind"], found.span("members")
    filled = f"{sentence.text[:start]}____{sentence.text[end:]}"
    if re.search(r"\b(?:and|or)\b", found["after"]) or any(
        gives_away(filled, member) for member in members_of(found["members"])
    ):
        return None
    clause = parse(sentence.text)
    leans = clause is None or needs_its_document(clause.subject)
    title = place_words(chunk) if leans else title_words(chunk.title)
    asked = (
        f"Which examples does {title} name here? {filled}",
        f"Complete the sentence from {title}: {filled}" if leans else f"Complete the sentence: {filled}",
        f"The examples have been left out: {filled} Which ones does {title} give?",
        f"{capitalised(title)} gives examples. Which ones fill the gap? {filled}",
        f"Name the examples that belong in the gap: {filled} (From {title}.)",
    )
    return Claim("list", sentence.quote, kind, found["members"], asked)


def _items(chunk: Chunk, survey: Survey) -> Iterator[Claim]:
    """Markdown lists of short items below a line that ends in a colon."""
    if chunk.kind == "table" or "```" in chunk.text or "~~~" in chunk.text:
        return
    for found in _LIST.finditer(chunk.text):
        is_last = not chunk.text[found.end() :].strip()
        items = [plain(_MARK.sub("", line)).rstrip(" .;,") for line in found["items"].strip("\n").split("\n")]
        lead = plain(found["lead"]).rstrip(": ")
        answer = f"{', '.join(items[:-1])} and {items[-1]}"
        sound = all(item and not re.search(r"[,;:“”]| and ", item) for item in items) and len(lead.split()) >= 3
        if not sound or _TALK.search(lead) or not _are_members(answer) or (is_last and survey.goes_on(chunk)):
            continue
        place, many = place_words(chunk), _NUMBERS[len(items) - 1]
        asked = (
            f"Which {many} things does {place} list under “{lead}”?",
            f"{capitalised(place)} says “{lead}”. What does the list name?",
            f"Complete the list from {place}. “{lead}”: ____",
            f"Name what {place} lists after the words “{lead}”.",
            f"A reader of {place} stops at “{lead}”. What stands in the list?",
        )
        yield Claim("list", found[0].strip(), lead, answer, asked)


def _are_members(text: str, count: str | None = None) -> bool:
    """Whether `text` names two to six members, as many as the word `count` says, each a short noun phrase."""
    members = members_of(text)
    counted = count is None or _NUMBERS.index(count) == len(members) - 1
    short = all(len(member.split()) <= _MOST_MEMBER_WORDS and not _NO_MEMBER.search(member) for member in members)
    return counted and short and 2 <= len(members) <= _MOST_MEMBERS and len(set(members)) == len(members)
