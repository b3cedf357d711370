"""What a format of rows is: how to know it, read it and write it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loresmith.exchange.dialogue import Dialogue, Refused, Said

Content = Mapping[str, Any]
"""One row as its file has it."""


def always_fits(_: Dialogue) -> str | None:
    """Every dialogue can be written."""
    return None


@dataclass(frozen=True)
class RowFormat:
    """One way of writing conversations down, a row each."""

    name: str
    about: str
    columns: Mapping[str, str]
    """The columns that are read, and what each becomes; what is not listed stays beside or is left out."""
    claims: Callable[[Content], bool]
    """Whether a row looks like this format."""
    read: Callable[[Content], Iterable[Said]]
    """One `Said` at least; raises `Refused` where the row cannot be mapped."""
    write: Callable[[Dialogue], dict[str, Any]] | None = None
    unfit: Callable[[Dialogue], str | None] = always_fits
    """Why a dialogue cannot be written without losing a part of what was said."""
    optional: frozenset[str] = field(default_factory=frozenset)
    """Columns that are left out of a file in which no row uses them."""


def text(content: Content, *names: str) -> str:
    """The first of the columns that holds text which is not blank, or a number; empty when all are blank.

    Raises:
        Refused: none does, and one holds something else.
    """
    for name in names:
        value = content.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if _is_number(value):
            return str(value)
    for name in names:
        value = content.get(name)
        if isinstance(value, bool) or (value and not isinstance(value, str | float)):
            raise Refused(f"the column {name!r} is not text")
    return ""


def _is_number(value: Any) -> bool:
    """NaN is none: pandas writes it where a cell is empty."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def no_tools(dialogue: Dialogue) -> str | None:
    """Why a dialogue is more than questions and answers in plain text."""
    return "tool calls have no place in it" if dialogue.has_tools else None


def one_answer(dialogue: Dialogue) -> str | None:
    """Why a dialogue is more than one question and its answer in plain text."""
    if (fault := no_tools(dialogue)) is not None:
        return fault
    if len(dialogue.turns) != 2:
        return "more than one question has no place in it"
    return "a system prompt has no place in it" if dialogue.system else None
