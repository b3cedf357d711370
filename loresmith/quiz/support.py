"""Whether the lines of a document bear out an answer to a question: by words, as citations are checked.

Not covered: paraphrases without common words, and negation.
"""

import re
from collections.abc import Iterable

from loresmith.generate.plain import comparable
from loresmith.retrieval.statements import statements
from loresmith.retrieval.terms import content_terms, share_covered

LEAST_COVERED = 0.6
"""Share of a question's telling words that evidence, heading and title must hold, as in `retrieval.cite`."""
LEAST_SAID = 0.5
"""Share of them beside which another answer in one line may be right as well."""
_FRAME = re.compile(r"^(?:Complete the sentence from|According to|In) (?:the section “[^”]*” of )?“[^”]*”[:,]\s*")


def asked_terms(question: str) -> set[str]:
    """The telling words of a question without the words that say where it comes from."""
    return set(content_terms(_FRAME.sub("", question).replace("____", " ")))


def is_borne_by(question: str, evidence: str, around: str) -> bool:
    """Whether the words of `question` stand in `evidence`, or in what it stands under."""
    known = content_terms(f"{evidence} {around}")
    return share_covered(asked_terms(question), known) >= LEAST_COVERED


class Lines:
    """The sentences and table rows of a document, ready to be searched for answers."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are the document's chunks."""
        lines = dict.fromkeys(f"{one.frame} {text[one.start : one.end]}" for text in texts for one in statements(text))
        self._lines = [(comparable(line), frozenset(content_terms(line))) for line in lines]

    def about(self, question: str) -> list[str]:
        """The lines, made comparable, that speak of what `question` asks: an answer in one of them may be right."""
        asked = asked_terms(question)
        return [line for line, terms in self._lines if share_covered(asked, terms) >= LEAST_SAID]
