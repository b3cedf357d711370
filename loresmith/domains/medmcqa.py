"""MedMCQA rows whose subject is biology: the guides ask for medical questions "filtered for biology".

The Hub counts the right option from 0, the authors' own files count it from 1; which of the two a file does shows in
its lowest and highest number.
"""

from collections.abc import Callable, Iterator

from loresmith.domains.multiple_choice import checked
from loresmith.domains.question import DomainQuestion, Found, each
from loresmith.exchange.dialogue import Refused
from loresmith.exchange.files import Portion
from loresmith.exchange.row_format import Content, text

OPTIONS = ("opa", "opb", "opc", "opd")
BIOLOGY = frozenset({"anatomy", "biochemistry", "microbiology", "physiology"})
"""Subjects of the preclinical years. Pathology, pharmacology and the clinical subjects are medicine."""


def medmcqa(portion: Portion) -> Iterator[Found]:
    """The questions of a file, or of a split of the Hub."""
    counted = {row.content.get("cop") for row in portion.rows}
    yield from each(_reader(1 if 4 in counted and 0 not in counted else 0))(portion)


def _reader(first: int) -> Callable[[Content], Iterator[DomainQuestion]]:
    def read(content: Content) -> Iterator[DomainQuestion]:
        subject = text(content, "subject_name")
        if subject.lower() not in BIOLOGY:
            raise Refused("its subject is not biology")
        if content.get("choice_type") == "multi":
            raise Refused("more than one option may be right")
        number, options = content.get("cop"), [text(content, name) for name in OPTIONS]
        if not isinstance(number, int) or not first <= number < first + len(options) or not all(options):
            raise Refused("a right option that is not there")
        asked = checked(text(content, "question"), options, options[number - first])
        yield asked.model_copy(update={"evidence": text(content, "exp"), "topic": subject})

    return read
