"""A plain statement as subject, verb and rest, so that it can be asked back.

Only main clauses in the usual order are understood; whatever leaves a doubt is not parsed. `asked` and `embedded` put
the parts together again: "How many problems does the set hold?" and "how many problems the set holds".
"""

import re
from dataclasses import dataclass, replace

from loresmith.generate.plain import decapitalised
from loresmith.generate.verbs import AUXILIARIES, FORMS, is_participle
from loresmith.generate.wordlists import word_set

_NO_SUBJECT_START = re.compile(
    r"^(?:in|on|at|by|for|from|with|without|to|of|as|after|before|during|under|over|through|between|among|across|along"
    r"|within|until|upon|via|per|despite|unlike|like|compared|according|due|based|using|given|given that|if|when|while"
    r"|because|since|although|though|unless|whereas|once|whether|that|which|who|whose|what|where|why|how|there|it|its"
    r"|they|their|he|his|she|her|this|these|those|we|our|you|your|i|one|only|even|just|not|no|none|nothing|some|many"
    r"|most|more|much|few|several|various|any|each|every|either|neither|both|another|other|others|all|also|then|thus"
    r"|hence|however|finally|first|second|third|another|here|now|today|recent|recently|such|same|so|and|but|or)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?P<lead>(?:On|In|At|For|With|During|After|Before|Under|Among|Without|Within|Across)(?: (?!that\b|which\b|who\b)"
    r"[^\s,;:]+){1,9}), (?=\S)"
)
_INSIDE_SUBJECT = re.compile(
    r"[,;:—?]|\b(?:that|which|who|whose|when|while|if|because|although|it|they|we|he|she|there|where|not|to)\b"
    r"|\b(?:and|or)$"
)
_RISKY_NOUNS = word_set(
    """
    results needs uses works scores costs changes measures reports points ranks rates sets runs shows tests
    models features functions limits links lists loads maps masks names orders places processes products
    projects ranges records replies returns samples scales shifts stacks starts states stores streams studies
    supplies supports targets tests trains triggers turns values views names notes labels layers labels groups
    flows forms drops differences builds
    """
)
_IMPERATIVE = re.compile(
    r"^(?:Add|Use|Set|Avoid|Ensure|Make|Keep|Do|Check|Run|Call|Create|Consider|Put|Choose|Start|Compare|Search|See|Note|Let"
    r"|Apply|Store|Write|Read|Take|Give|Find|Define|Implement|Enable|Disable|Validate|Verify|Remember|Try|Never|Always)\b"
)
_ADVERBS = word_set("also often always never now then still even just thus only already again further both alone")
_BREAK = re.compile(
    r",(?!\d)|[;:—(]|\s(?:and|but|or|while|which|that|because|when|where|since|so|as|than|whereas|if)\s"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """`subject auxiliary? verb rest`, as in "The set | was | trained | on 8 GPUs"."""

    subject: str
    auxiliary: str
    """Empty for a plain verb; the form of "be" itself for a copula, with `verb` empty."""
    verb: str
    rest: str
    """Without the full stop."""
    lead: str = ""
    """A phrase that stood before the subject: "On AIME 2024"; questions end with it."""

    @property
    def is_plural(self) -> bool:
        """Whether the verb says that the subject is many."""
        if self.auxiliary:
            return self.auxiliary in ("are", "were", "have")
        return FORMS[self.verb.lower()][1] == "base"

    @property
    def is_copula(self) -> bool:
        """Whether the verb is "be" alone."""
        return bool(self.auxiliary) and not self.verb

    def asked(self, question: str, rest: str) -> str:
        """A direct question that begins with the question words `question` and ends with `rest`."""
        return _line(question, *self._inverted(), rest, self._inner_lead) + "?"

    def asked_of_subject(self, question: str) -> str:
        """A direct question whose question words stand for the subject."""
        rest = until_break(self.rest) if self.lead else self.rest
        return _line(question, self.auxiliary, self.verb, rest, self._inner_lead) + "?"

    def embedded(self, question: str, rest: str) -> str:
        """The same question inside a sentence, without inversion and question mark."""
        return _line(question, self._inner_subject, self.auxiliary, self.verb, rest, self._inner_lead)

    def echoed(self, rest: str) -> str:
        """The statement up to `rest`, in which the question words stand, as a question."""
        return _line(self.subject, self.auxiliary, self.verb, rest, self._inner_lead) + "?"

    @property
    def _inner_lead(self) -> str:
        return decapitalised(self.lead)

    @property
    def _inner_subject(self) -> str:
        return decapitalised(self.subject, is_plural=self.is_plural)

    def _inverted(self) -> tuple[str, str, str]:
        if self.auxiliary:
            return self.auxiliary, self._inner_subject, self.verb
        base, tense = FORMS[self.verb.lower()]
        helper = {"present": "does", "past": "did", "base": "do"}[tense]
        return helper, self._inner_subject, base


def parse(sentence: str) -> Clause | None:
    """The main clause of a plain sentence; `None` when its subject or verb is in doubt."""
    text = sentence.rstrip(".! ")
    if _IMPERATIVE.match(text):
        return None
    lead = _LEAD.match(text)
    if lead is not None:
        clause = parse(text[lead.end() :])
        return None if clause is None or clause.lead else replace(clause, lead=lead["lead"])
    tokens = text.split()
    if _NO_SUBJECT_START.match(text):
        return None
    for index in range(1, min(len(tokens), 12)):
        word = tokens[index].lower()
        if word in AUXILIARIES:
            return _with_auxiliary(tokens, index)
        if word in FORMS and not _is_noun_here(tokens, index):
            return _with_verb(tokens, index)
    return None


def until_break(rest: str) -> str:
    """`rest` up to the first comma or conjunction: what follows belongs to another thought."""
    found = _BREAK.search(" " + rest)
    return rest if found is None else rest[: max(0, found.start() - 1)].strip()


def _is_noun_here(tokens: list[str], index: int) -> bool:
    """Whether a form that may be a verb is rather a noun: "test set", "scores of", "results in Table 2"."""
    word, before = tokens[index].lower(), tokens[index - 1].lower()
    _, tense = FORMS[word]
    if before in ("the", "a", "an", "of", "in", "for", "with", "to", "and", "or", "by", "its", "their", "per"):
        return True
    if tense == "base":
        return not (before.endswith("s") and not before.endswith(("ss", "'s", "us", "is"))) or word in _RISKY_NOUNS
    follows = tokens[index + 1].lower() if index + 1 < len(tokens) else ""
    return word in _RISKY_NOUNS and not (
        follows[:1].isdigit() or follows in ("a", "an", "the", "that", "only", "about")
    )


def _subject_of(tokens: list[str]) -> str:
    """The tokens before the verb without an adverb at their end: "Qwen2.5 also" serves."""
    end = len(tokens)
    while end > 1 and (tokens[end - 1].lower() in _ADVERBS or tokens[end - 1].endswith("ly")):
        end -= 1
    return " ".join(tokens[:end])


def _with_auxiliary(tokens: list[str], index: int) -> Clause | None:
    subject, rest = _subject_of(tokens[:index]), tokens[index + 1 :]
    auxiliary = tokens[index].lower()
    if not _is_subject(subject) or not rest or rest[0].lower() in ("not", "n't", "no", "there"):
        return None
    if auxiliary in ("has", "have", "had") and not is_participle(rest[0]):
        return Clause(subject, "", auxiliary, " ".join(rest))
    if auxiliary in ("do", "does", "did"):
        return None
    passive_or_modal = is_participle(rest[0]) or auxiliary not in ("is", "are", "was", "were")
    if not passive_or_modal:
        return Clause(subject, auxiliary, "", " ".join(rest))
    width = 2 if len(rest) > 1 and rest[0].lower() in ("be", "been") else 1
    return Clause(subject, auxiliary, " ".join(rest[:width]), " ".join(rest[width:]))


def _with_verb(tokens: list[str], index: int) -> Clause | None:
    subject, rest = _subject_of(tokens[:index]), " ".join(tokens[index + 1 :])
    _, tense = FORMS[tokens[index].lower()]
    if not _is_subject(subject) or not rest:
        return None
    if tense == "past" and _has_finite_verb(until_break(rest).split()):
        return None  # "The paper published in 2021 reports": the first form was no main verb
    return Clause(subject, "", tokens[index], rest)


def _has_finite_verb(tokens: list[str]) -> bool:
    """Whether a verb in the present or an auxiliary follows, which then is the main verb."""
    for index, token in enumerate(tokens):
        word = token.lower()
        is_present = index > 0 and word in FORMS and FORMS[word][1] == "present" and not _is_noun_here(tokens, index)
        if word in AUXILIARIES or is_present:
            return True
    return False


def _is_subject(subject: str) -> bool:
    return (
        len(subject.split()) <= 10 and not _INSIDE_SUBJECT.search(subject) and subject.count("(") == subject.count(")")
    )


def _line(*parts: str) -> str:
    return " ".join(" ".join(part for part in parts if part).split()).rstrip(" ,;:.")
