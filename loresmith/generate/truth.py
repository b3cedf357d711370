"""Statements to be judged true or false: what a document says, as it says it or with a wrong value in it.

They are multiple choice with the options True and False, so that training, examination, quiz and exports treat them as
they treat every choice, with chance at one half. A false one has a rival of the same column or unit in the place of the
answer, and no line of the document says the same of it.

Not covered: statements whose falsehood would take understanding, such as swapped terms and meanings; what other
documents say.
"""

import random
import re
from collections.abc import Sequence

from loresmith.generate.claims import Claim
from loresmith.generate.plain import is_same_answer
from loresmith.generate.questions import question_of
from loresmith.generate.survey import Survey
from loresmith.recipe import GenerateConfig
from loresmith.records import Fact, Question

KIND = "truth"
OPTIONS = ("True", "False")
_BLANK = "____"
_BOUND = re.compile(
    r"\b(?:within|since|until|before|after|under|over|below|above|than|least|most|up to|about to) ____", re.I
)
"""A bound that holds for one value holds for others too."""


def truth_question(
    fact: Fact, claim: Claim, options: Sequence[str], survey: Survey, config: GenerateConfig, *, method: str
) -> Question | None:
    """The question whether the claim's statement is true; `None` where no option makes it surely false.

    The lot of the fact and the seed decides whether it is asked and whether it is true. A claim that cannot be made
    false is not asked at all: those that are true would outnumber the others.
    """
    lot = random.Random(f"{KIND} {config.seed} {fact.id}")
    if lot.random() >= config.true_false or claim.stated.count(_BLANK) != 1 or _BOUND.search(claim.stated):
        return None
    besides = claim.quote if claim.kind == "cell" else ""  # the rivals of a cell may stand in its own row
    wrong = [
        option
        for option in options
        if not is_same_answer(option, fact.answer)
        and not survey.says(fact.document, option, claim.about, besides=besides)
    ]
    if not wrong:
        return None
    is_true = lot.random() < 0.5
    said = claim.stated.replace(_BLANK, fact.answer if is_true else lot.choice(wrong))
    row = question_of(fact, "choice", 1, f"True or false? {said}", method=method, options=OPTIONS)
    return row.model_copy(update={"kind": KIND, "answer": OPTIONS[0] if is_true else OPTIONS[1]})
