"""Whether a model declines to answer, in whatever words: real models seldom use the ones that were asked for."""

import re

from loresmith.models.prompts import REFUSAL

LONGEST = 60
"""Words. What says more than this answers, with a proviso somewhere in it."""
_OPENING = 220
"""Characters in which a refusal must show; "I do not know ..., but 12" is none, and neither is a late doubt."""
_SAYS = (
    "(?:say|stated?|mention(?:ed)?|specif(?:y|ied)|tell|told|give|given|provided?|contain|included?|report(?:ed)?"
    "|list(?:ed)?|disclosed?|answer(?:ed)?|found|available|known|clear|indicated?)"
)
_DECLINES = re.compile(
    rf"\b(?:do|does|did|is|are|was|were|has|have|can|could)(?: not|n['’]t)(?: \w+ly)?(?: been| be)? {_SAYS}\b"
    rf"|\bnot (?:explicitly |directly )?{_SAYS}\b"
    r"|\bno (?:information|mention|answer|such|data|details?|figure|value)\b|\bn/a\b|\bunknown\b|\bunanswerable\b"
    r"|\b(?:can ?not|can['’]t|could not|unable to|not possible to) (?:be )?(?:answer|determine|find|tell|say"
    r"|help|assist|comply|provide|solve)"
    r"|\b(?:i|we) (?:do not|don['’]t) (?:know|have)\b|\binsufficient (?:information|data|context)\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:but|however|although|though)\b|;|(?<![\w.\[-])(?<!table )(?<!figure )(?<!section )(?<!source )\d",
    re.IGNORECASE,
)
"""An answer after all; the number of a table, or in a name such as GPT-4, is none."""


def is_refusal(text: str) -> bool:
    """Whether `text` says that there is no answer, and gives none after all."""
    said = " ".join(text.split())
    if said.lower().startswith(REFUSAL.lower().rstrip(".")):
        return True
    found = _DECLINES.search(said[:_OPENING])
    return found is not None and len(said.split()) <= LONGEST and not _BUT.search(said[found.end() :])
