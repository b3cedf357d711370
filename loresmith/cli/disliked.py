"""The answers that people gave a thumb down, as the verb `failures` shows them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from loresmith.characters import one_line
from loresmith.serve.feedback import Remark, latest

MOST_SHOWN = 5
LONGEST_SHOWN = 160
"""Characters of an answer, a correction or a remark in a line."""


def disliked(project: Path) -> list[Remark]:
    """The answers on which a thumb down is the last word, the latest first."""
    down = [remark for remark in latest(project).values() if remark.value == "down"]
    return sorted(down, key=lambda remark: remark.at, reverse=True)


def lines_of(said: Sequence[Remark]) -> Iterator[str]:
    """The latest of them in lines for a terminal; nothing where there is none."""
    if not said:
        return
    yield f"{len(said)} answer{'s' * (len(said) != 1)} got a thumb down:"
    for remark in said[:MOST_SHOWN]:
        yield f"  {one_line(remark.question)}"
        told = (("said", remark.text), ("right would be", remark.correction), ("remark", remark.words))
        yield from (f"    {what}: {one_line(words)[:LONGEST_SHOWN]}" for what, words in told if words)
    if len(said) > MOST_SHOWN:
        yield f"  and {len(said) - MOST_SHOWN} more, all in --json"
    yield ""
