"""GSM8K rows: a word problem, its worked answer, and the number after `####`.

The marks of the authors' calculator (`<<2*3=6>>`) are taken out; the number stays on a line of its own.
"""

import re
from collections.abc import Iterator

from loresmith.domains.question import DomainQuestion
from loresmith.exchange.dialogue import Refused
from loresmith.exchange.row_format import Content, text

CALCULATION = re.compile(r"<<[^>]*>>")
RESULT = re.compile(r"^####\s*(\S.*)$", re.MULTILINE)


def gsm8k(content: Content) -> Iterator[DomainQuestion]:
    """A problem and its worked answer."""
    worked = CALCULATION.sub("", text(content, "answer")).strip()
    if RESULT.search(worked) is None:
        raise Refused("no result after ####")
    question = " ".join(text(content, "question").split())
    if not question:
        raise Refused("an empty question")
    yield DomainQuestion(place="", question=question, answer=worked, topic="word problems")
