"""A question that leans on the ones before it, made to stand alone by rules.

A pronoun without an antecedent of its own is replaced by the subject of the last question that has one; "And the pump?"
is completed from the earlier question; where only some link is sure ("Why?"), the earlier question's telling words are
put before it. Whatever no rule reads is left as it is: asked after four others of its kind at random, 13 of the 1,185
English questions of XQuAD are changed (11 of them point at something that they do not name), and 2 of 1,105 of SciFact.

Not covered: languages besides English, and what an earlier answer named.
"""

import re
from collections.abc import Sequence

from loresmith.answer.subjects import (
    AUXILIARIES,
    DETERMINERS,
    JOINING,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    WORD,
    is_name,
    named,
    subject,
    telling,
)

MOST_EARLIER = 4
"""Questions before this one that are read."""
LONGEST = 400
"""Characters; a longer question brings its own surroundings, and of a longer earlier one only the beginning is read."""
MOST_TERM_WORDS = 6
"""Of what "What about ...?" names; more words are a question of their own."""

_NO_TERM = frozenset(("else", "here", "more", "not", "now", "same", "today"))
"""What is asked of the same thing again and takes nobody's place."""
_LEAD = re.compile(r"\s*(?:(?:and|but|so|or|then|ok|okay)\b[\s,]*)+", re.IGNORECASE)
_TAIL = re.compile(r"[\s,]+(?:then|too|instead|please)$", re.IGNORECASE)
_POLITE = re.compile(r"\s*(?:(?:great|hello|hi|no|oh|please|thanks|thank\s+you|well|yes)\b[\s,.!]*)*", re.IGNORECASE)
_ABOUT = re.compile(r"(?:what|how)\s+about\s+", re.IGNORECASE)
_ASKING = (
    AUXILIARIES | QUESTION_WORDS | {"compare", "define", "describe", "explain", "give", "list", "say", "show", "tell"}
)
_ENGLISH = _ASKING | DETERMINERS | {"and", "about"}

_PRONOUN = re.compile(r"\b(?:[Ii]t|[Ii]ts|[Tt]hey|[Tt]hem|[Tt]heir|[Hh]e|[Ss]he|[Hh]im|[Hh]is|[Hh]er)\b(?!['’])")
_POSSESSIVE = frozenset(("its", "their", "his"))
_PLURAL = frozenset(("they", "them", "their"))
_OWNING = frozenset(("has", "have", "had"))
_PERSONAL = frozenset(("he", "she", "him", "his", "her"))
_JUDGED = (
    r"(?:advisable|allowed|bad|best|better|common|dangerous|difficult|easier|easy|enough|good|hard|harder|important|"
    r"impossible|legal|likely|necessary|normal|permitted|possible|recommended|required|safe|safer|true|useful|worth)"
)
_EMPTY_IT = re.compile(
    r"\bit(?:['’]s|\s+(?:is|was))\s+(?:(?:rain|snow|hail|freez)ing\b|" + _JUDGED + r"\s+(?:that|to|if)\b)"
    r"|\b(?:is|was|be)\s+it\s+(?:(?:rain|snow|hail|freez)ing|that)\b"
    r"|\b(?:is|was|be)\s+it\s+(?:called|decided|determined|known|like|said|thought)\s+(?:how|if|that|to|when|whether|why)\b"
    r"|\b(?:is|was|be)\s+it\s+(?:\w+\s+)?" + _JUDGED + r"\s+(?:\w+\s+){0,3}?(?:to|that|if|whether)\b"
    r"|\bit\s+(?:takes?|costs?|means?|matters?|seems?|appears?|makes?|follows?|turns?)\b.*\b(?:to|that|if|whether)\b",
    re.IGNORECASE,
)
"""An `it` that stands for nothing: "it is raining", "is it possible to", "how long does it take to"."""
_ASKED_FIRST = re.compile(r"(?:\w+\s+)?(?:what|which|whose|how)\b[^,;:.?!]*", re.IGNORECASE)
"""What is asked for, before its auxiliary; "how many GPUs does it need" names nothing that `it` could be."""
_WHICH_HAS = re.compile(r"(?:which|what)\s+(?P<noun>\w+)\b.*?\b(?P<last>\w+)\s*", re.IGNORECASE)
"""Before "its": in "which firm sold its patents" they are the firm's own."""
_CONDITION = re.compile(
    r"\s*(?:after|although|apart|as|aside|at|because|before|besides|by|despite|during|for|from|if|in|on|once|other|outside|"
    r"since|unlike|until|when|while|with|without)\b[^,]*,",
    re.IGNORECASE,
)

_POINTING = re.compile(
    r"(?:^|(?=\b(?:this|these)\b)|\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|about|of|with|for|from|than|by|to|"
    r"after|before|like|in|on|at)\s+)(?P<this>this|that|these|those)\b(?:\s+(?P<noun>[^\W\d_]+))?"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\b(?P<there>there)(?=\s*\W*$)",
    re.IGNORECASE,
)
_OF_THE_DOCUMENTS = """
    book chapter collection corpus document documents expert guide handbook manual page pages paper project report 
    section text texts year month week day morning time world
"""
_OWN_PLACE = frozenset(_OF_THE_DOCUMENTS.split())
"""What "this ..." names without an earlier question: the documents themselves, and the present."""

_PROPERTIES = """
    age author benefit benefits capacity cause colour color cost date definition density depth difference drawback
    drawbacks energy function height length limit limits manufacturer mass material maximum meaning minimum name origin
    power pressure price purpose range reason result results risk risks size speed temperature uncertainty unit
    velocity voltage volume weight width year
"""
_PROPERTY = frozenset(_PROPERTIES.split())
"""Nouns for what a thing has: "and the price?" asks for the price of what was spoken of."""
_BARE = re.compile(
    r"(?:why|how|when|where|who|what|which)(?:\s+(?:not|so|else|exactly|for|ones?))?"
    r"|how\s+(?:much|many)(?:\s+\w+)?|(?:tell\s+me|say|explain)\s+more"
    r"|(?:for\s+)?how\s+(?:long|often|far|fast|big|large|heavy|high|low|old|deep|wide|hot|cold|strong|soon|come|late)"
    r"|(?:since|until)\s+when|(?:by|for|to|with|from)\s+whom|from\s+where"
    r"|(?:in|at|on|for|to|from|by|under|with|of)\s+(?:which|what)\s+\w+"
    r"|(?:what|which)\s+(?:year|month|day|date|page|unit|size|colou?r|country|city|place|kind|type|one|ones)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:which|who)(?:\s+ones?)?\s+(?:is|are|was|were)\s+(?:the\s+)?"
    r"(?:\w+er|\w+est|better|best|worse|worst|(?:more|most|less|least)\s+\w+)(?:\s+ones?)?",
    re.IGNORECASE,
)


def standing_alone(question: str, earlier: Sequence[str]) -> str:
    """`question` as it can be searched and answered by itself; byte for byte as it is where it leans on nothing.

    `earlier` are the user's questions before it, oldest first; the last `MOST_EARLIER` are read.
    """
    resolved: list[str] = []
    for one in earlier[len(earlier) - MOST_EARLIER if len(earlier) > MOST_EARLIER else 0 :]:
        if one.strip():
            resolved.append(_resolved(one.strip()[:LONGEST], resolved))
    return _resolved(question, resolved)


def _resolved(question: str, earlier: Sequence[str]) -> str:
    if not earlier or len(question) > LONGEST:
        return question
    if not any(word.lower() in _ENGLISH for word in re.findall(r"[^\W\d_]+", question)):
        return question
    for rule in (_with_subject, _completed, _compared, _pointing):
        if (made := rule(question, earlier)) is not None:
            return made
    return question


def _with_subject(question: str, earlier: Sequence[str]) -> str | None:
    """The first pronoun replaced by the subject of the last question that has one."""
    found = next((one for one in _PRONOUN.finditer(question) if not _refers_within(question, one)), None)
    if found is None:
        return None
    pronoun = found.group().lower()
    meant = _meant(pronoun, earlier)
    if meant is None:
        return _after_telling_words(question, earlier)
    if pronoun in _POSSESSIVE or (pronoun == "her" and _is_before_noun(question[found.end() :])):
        meant += "'" if meant.endswith("s") else "'s"
    if not question[: found.start()].strip():
        meant = meant[0].upper() + meant[1:]
    return question[: found.start()] + meant + question[found.end() :]


def _meant(pronoun: str, earlier: Sequence[str]) -> str | None:
    """The last subject that fits the pronoun; for "they" a plural, or the two that were asked about last."""
    found = [named(one) if pronoun in _PERSONAL else subject(one) for one in reversed(earlier)]
    subjects = list(dict.fromkeys(one for one in found if one is not None))
    if pronoun not in _PLURAL or not subjects or re.search(r"[^s]s[\"”]?$", subjects[0]):
        return subjects[0] if subjects else None
    return f"{subjects[1]} and {subjects[0]}" if len(subjects) > 1 else None


def _refers_within(question: str, pronoun: re.Match[str]) -> bool:
    """Whether the question itself names what the pronoun stands for, or the pronoun stands for nothing."""
    if any(one.start() <= pronoun.start() < one.end() for one in _EMPTY_IT.finditer(question)):
        return True
    before = question[: pronoun.start()]
    lead = _LEAD.match(before)
    before = before[lead.end() :] if lead else before
    if _names_something(_POLITE.sub("", before, count=1), pronoun.group().lower()):
        return True
    condition = _CONDITION.match(question)
    return (
        condition is not None and pronoun.start() < condition.end() and subject(question[condition.end() :]) is not None
    )


def _names_something(before: str, pronoun: str) -> bool:
    """Whether the words before `pronoun` hold a noun that it can stand for."""
    words = re.findall(r"[^\W_]+", before.lower())
    if words and words[0] not in _ASKING | PREPOSITIONS | JOINING | PRONOUNS | DETERMINERS:
        return True  # a statement with its own subject
    which = _WHICH_HAS.fullmatch(before) if pronoun in _POSSESSIVE else None
    unlike_verbs = (AUXILIARIES | PREPOSITIONS) - _OWNING
    if which is not None and which["noun"].lower() not in AUXILIARIES and which["last"].lower() not in unlike_verbs:
        return True
    is_asked_of_it = (
        _ASKED_FIRST.fullmatch(before) is not None and [word in AUXILIARIES for word in words].count(True) == 1
    )
    return not (is_asked_of_it and words[-1] in AUXILIARIES) and subject(before + "…") is not None


def _is_before_noun(rest: str) -> bool:
    word = re.match(r"\s+(\w+)", rest)
    return word is not None and word[1].lower() not in PREPOSITIONS | JOINING | AUXILIARIES


def _completed(question: str, earlier: Sequence[str]) -> str | None:
    """An ellipsis completed: "And the pump?" in the earlier question's words, "Why?" after its telling words."""
    lead = _LEAD.match(question)
    rest = question[lead.end() :] if lead else question
    bare = _TAIL.sub("", rest.strip().rstrip("?!. "))
    if _BARE.fullmatch(bare):
        return _after_telling_words(question, earlier)
    about = _ABOUT.match(rest)
    if lead is None and about is None:
        return None
    term = bare[about.end() :].strip() if about else bare
    words = [word.lower() for word in WORD.findall(term)]
    if not 0 < len(words) <= MOST_TERM_WORDS or (AUXILIARIES | QUESTION_WORDS | PRONOUNS).intersection(words):
        return None
    if not about and not question.rstrip().endswith("?"):
        return None
    if words[0] == "the" and words[-1] in _PROPERTY and (meant := _meant("it", earlier)) is not None:
        return f"What is {term} of {meant}?"
    if _NO_TERM.intersection(words):
        return _after_telling_words(question, earlier)
    return _swapped(term, earlier[-1]) or _after_telling_words(question, earlier)


def _swapped(term: str, before: str) -> str | None:
    """The question `before` with `term` in the place of its subject, or of the phrase with the same preposition."""
    preposition = WORD.findall(term)[0].lower()
    if preposition in PREPOSITIONS:
        others = "|".join(PREPOSITIONS)
        places = list(re.finditer(rf"\b{preposition}\s+[^,;:?!]+?(?=\s+(?:{others})\b|\s*[,;:?!]|\s*$)", before))
        if len(places) == 1:
            return before[: places[0].start()] + term + before[places[0].end() :]
        if preposition != "for":
            return None
        term = term.split(None, 1)[1] if " " in term else term
    old = subject(before)
    if old is None or before.count(old) != 1 or old.lower() == term.lower():
        return None
    return before.replace(old, term)


def _compared(question: str, earlier: Sequence[str]) -> str | None:
    """A bare comparison ("Which is heavier?") after the subjects of the last two questions."""
    lead = _LEAD.match(question)
    bare = question[lead.end() :] if lead else question
    if not _COMPARED.fullmatch(bare.strip().rstrip("?!. ")):
        return None
    subjects = dict.fromkeys(one for one in map(subject, earlier[-2:]) if one is not None)
    return f"{', '.join(subjects)}: {question}" if len(subjects) > 1 else _after_telling_words(question, earlier)


def _pointing(question: str, earlier: Sequence[str]) -> str | None:
    """With "this valve" replaced where a valve was asked about; what else points back follows telling words."""
    lead = _LEAD.match(question)
    begin = lead.end() if lead else 0
    found = _POINTING.search(question[begin:])
    if found is None or _has_clause(question[begin : begin + found.start()]):
        return None
    noun = found["noun"] if (found["noun"] or "").lower() not in DETERMINERS | PREPOSITIONS else None
    if noun is not None and noun.lower() in _OWN_PLACE:
        return None
    meant = subject(earlier[-1])
    if noun is not None and meant is not None and noun.lower() in WORD.findall(meant.lower()):
        start, end = begin + found.start("this"), begin + found.end("noun")
        return question[:start] + meant + question[end:]
    if found["this"] and (
        subject(question[begin : begin + found.start("this")] + "…") or _is_joined(question, found, begin)
    ):
        return None
    return _after_telling_words(question, earlier)


def _has_clause(before: str) -> bool:
    """Whether something was said already that "that" may point at."""
    return re.search(r"\w\W+\w.*[,;:.?!—]", before) is not None


def _is_joined(question: str, found: re.Match[str], begin: int) -> bool:
    """Whether a name follows: what is pointed at is then named here ("this RV-7")."""
    after = WORD.search(question, begin + found.end("this"))
    return after is not None and is_name(after.group(), is_first=False)


def _after_telling_words(question: str, earlier: Sequence[str]) -> str:
    told = next((words for words in map(telling, reversed(earlier)) if words), "")
    return f"{told}: {question}" if told else question
