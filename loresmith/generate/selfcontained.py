"""Whether a noun phrase or a question can be understood without its surroundings."""

import re

_NAME = re.compile(r"[A-Z][\w-]*[A-Z0-9]|[A-Z0-9][\w.-]*\d|[a-z]+[A-Z]\w*|[A-Z][a-z]{2,}")
_SURE_NAME = re.compile(r"[A-Z].*[A-Z]|\d")
_ARTICLE = re.compile(r"^(?:the|a|an|all|each|every|both)\s+", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”]*”")
_DANGLING = re.compile(
    r"\b(?:we|our|ours|us|my|this|these|those|aforementioned|herein|above|below|(?:the|an?) (?:proposed|former|latter"
    r"|following|previous|preceding|above|present|current) \w+|the same|as (?:shown|described|seen|mentioned))\b",
    re.IGNORECASE,
)
_PRONOUN_SUBJECT = re.compile(
    r"^(?:it|its|they|their|he|she|his|her)\b|\b(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|must)"
    r" (?:it|they|he|she)\b|: (?:it|its|they|their|he|she|his|her|that|there)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\b(?:Tables?|Figures?|Figs?\.?|Sections?|Equations?|Eqs?\.?|Appendix|Chapter)\s*\(?[A-Z]?\.?\d")
_FIGURE_OF = re.compile(r"\b(?:Table|Figure|Section|Appendix|Chapter)\s+[A-Z]?\.?[\d.]+ of “")


def needs_its_document(subject: str) -> bool:
    """Whether `subject` names nothing by itself: "The encoder", "Training", but not "The encoder of BERT"."""
    bare = _ARTICLE.sub("", subject)
    first, _, rest = bare.partition(" ")
    if _NAME.search(rest):
        return False
    opens_sentence = bare == subject  # then the capital of its first word says nothing
    return not (_SURE_NAME.search(first) if opens_sentence else _NAME.search(first))


def stands_alone(question: str) -> bool:
    """Whether a question can be asked without its page in sight; titles in quotation marks are not looked at."""
    open_words = _QUOTED.sub("“”", question)
    if _FIGURE.search(_FIGURE_OF.sub("", open_words)):
        return False
    return not (_DANGLING.search(open_words) or _PRONOUN_SUBJECT.search(open_words))
