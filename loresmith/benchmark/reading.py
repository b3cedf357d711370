"""What a written answer says: GSM8K's two filters as lm-evaluation-harness defines them, and SQuAD's official grading.

`strict_match` takes the number after `####`, `flexible_extract` the last number at all. Solution and answer are
compared as text once commas, dollars, all before `#### ` and a last full stop are gone; 18 and 18.0 differ there.
"""

import re
from collections.abc import Sequence

from loresmith.models import squad

STRICT = re.compile(r"#### (\-?[0-9\.\,]+)")
FLEXIBLE = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
IGNORED = (re.compile(","), re.compile(r"\$"), re.compile(r"(?s).*#### "), re.compile(r"\.$"))
FILTERS = {"strict_match": STRICT.pattern, "flexible_extract": FLEXIBLE.pattern}
UNREADABLE = "[invalid]"
"""What the harness compares where a filter finds nothing."""


def numbers(written: str, solution: str) -> tuple[dict[str, float], dict[str, str]]:
    """Whether each filter finds the number of `solution`, and what it finds; empty text for nothing."""
    strict = next((found for found in STRICT.findall(written)), "")
    pairs = FLEXIBLE.findall(written)
    flexible = next((part for part in pairs[-1] if part), "") if pairs else ""
    read = {"strict_match": strict.strip(), "flexible_extract": flexible.strip()}
    wanted = _bare(solution)
    return {name: float(_bare(found or UNREADABLE) == wanted) for name, found in read.items()}, read


def spans(written: str, answers: Sequence[str]) -> tuple[dict[str, float], dict[str, str]]:
    """Exact match and token F1 of the first line with the best of `answers`, by the official scorer."""
    said = written.strip()
    exact, f1 = float(squad.exact_match(said, answers)), squad.token_f1(said, answers)
    return {"exact_match": exact, "f1": f1}, {"exact_match": said, "f1": said}


def _bare(text: str) -> str:
    for pattern in IGNORED:
        text = pattern.sub("", text)
    return text.lower()
