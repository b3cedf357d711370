"""What an English question is about, by rules: quoted words, names, or the noun phrase that follows the auxiliary.

Not covered: grammar. Where a noun ends and a verb begins is guessed from a list of common verbs and from the length.
"""

import re

from loresmith.retrieval.terms import STOP_WORDS

MOST_TELLING = 12
"""Words of a question that are put before another one."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORD = re.compile(r"[^\W_]+(?:[-_./'’][^\W_]+)*")
BE = _listed("is are was were")
AUXILIARIES = BE | _listed("do does did can could will would should must may might has have had")
PREPOSITIONS = _listed(
    "about after against at before between by during for from in into like of on over per since than through to "
    "under until with within without"
)
DETERMINERS = _listed("the a an")
PRONOUNS = _listed(
    "i you one he she it we they me him her us them his its their my your our this that these those there"
)
QUESTION_WORDS = _listed("what which who whom whose when where why how")
JOINING = _listed("and or but when if while because where which who that as so then")

_ENDS = PREPOSITIONS | JOINING | DETERMINERS | PRONOUNS | AUXILIARIES | QUESTION_WORDS
_QUOTED = re.compile(r"“[^“”\n]{1,60}”|\"[^\"\n]{1,60}\"")
_CODE = re.compile(r"(?=.*[A-Za-z])(?=.*\d).+|.+[A-Z].*")
"""Written like no plain word: RV-7, LoRA, GPT."""
_VERBS = _listed(
    "allow appear be become begin belong break bring call carry cause change close come compare connect consist "
    "contain control cost cover create deliver depend describe differ discover drive end fail feed find fit found "
    "freeze get give go happen have help hold improve increase invent keep last learn leave let live lose make "
    "mean measure mention move need offer open operate pass pay perform prevent produce protect provide publish "
    "put reach read receive recommend reduce refer relate remove replace represent require return run say see "
    "sell send serve set show speak stand start stay stop store suggest support take teach tell train treat try "
    "turn use want weigh win work write"
)
_SAID_OF_IT = _listed(
    "available big born built called cold done expensive fast found heavy high hot important known large located long "
    "low made needed possible safe set slow small sold strong written"
)


def subject(question: str) -> str | None:
    """What `question` asks about, as it is written there; `None` where no rule finds it."""
    if (found := _QUOTED.search(question)) is not None:
        return found.group()
    words = list(WORD.finditer(question))
    spelled = [word.group().lower() for word in words]
    for place, word in enumerate(spelled):
        if word in AUXILIARIES:
            if (span := _phrase(question, words, place + 1, is_after_be=word in BE)) is not None:
                return span
            break
    return _named(question, words) or _determined(question, words)


def named(question: str) -> str | None:
    """The first run of capitalised words, as a person has them for a name."""
    return _named(question, list(WORD.finditer(question)))


def telling(question: str) -> str:
    """The words of `question` that are no stop words, each once, at most `MOST_TELLING`."""
    told: dict[str, str] = {}
    for word in WORD.findall(question):
        if word.lower() not in STOP_WORDS | _ENDS:
            told.setdefault(word.lower(), word)
    return " ".join(list(told.values())[:MOST_TELLING])


def is_name(word: str, *, is_first: bool) -> bool:
    """Whether `word` is written as a name: like no plain word, or with a capital inside a sentence."""
    return _CODE.fullmatch(word) is not None or (word[0].isupper() and not is_first and word != "I")


def _phrase(question: str, words: list[re.Match[str]], start: int, *, is_after_be: bool) -> str | None:
    """The noun phrase from word `start`; of "the mass of the pump" the pump."""
    first = start
    if first < len(words) and words[first].group().lower() in DETERMINERS:
        first += 1
    end = first
    while end < len(words) and words[end].group().lower() not in _ENDS and _touches(question, words, first, end):
        end += 1
    if end == first:
        return None
    if is_after_be and end < len(words) and words[end].group().lower() == "of":
        whole = _phrase(question, words, end + 1, is_after_be=True)
        if whole is not None:
            return whole
    end = _noun_end([word.group() for word in words[first:end]], first > start, is_after_be) + first
    return question[words[start].start() : words[end - 1].end()] if end > first else None


def _noun_end(run: list[str], is_determined: bool, is_after_be: bool) -> int:
    """How many words of `run` are the noun; what follows is said of it."""
    names = next((place for place, word in enumerate(run) if not is_name(word, is_first=False)), len(run))
    if names and not is_determined:
        return names
    if is_after_be:
        is_said = len(run) > 1 and (run[-1].lower() in _SAID_OF_IT or run[-1].endswith("ed"))
        return len(run) - 1 if is_said else len(run)
    verbs = [place for place, word in enumerate(run) if place and word.lower() in _VERBS]
    if verbs:  # the last one: in "the main stop valve open" an earlier one belongs to the noun
        verb = verbs[-1]
        return verb - 1 if verb > 1 and verb - 1 in verbs else verb
    return max(names, len(run) - 1 if len(run) <= 3 else 2)


def _touches(question: str, words: list[re.Match[str]], first: int, place: int) -> bool:
    """Whether only spaces stand between this word and the one before it."""
    return place == first or not question[words[place - 1].end() : words[place].start()].strip()


def _named(question: str, words: list[re.Match[str]]) -> str | None:
    for first, word in enumerate(words):
        if is_name(word.group(), is_first=first == 0):
            end = first + 1
            while end < len(words) and _touches(question, words, first, end) and is_name(words[end][0], is_first=False):
                end += 1
            return question[word.start() : words[end - 1].end()]
    return None


def _determined(question: str, words: list[re.Match[str]]) -> str | None:
    for place, word in enumerate(words):
        if word.group().lower() in DETERMINERS:
            return _phrase(question, words, place, is_after_be=True)
    return None
