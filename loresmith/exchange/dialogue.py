"""The one record that every format maps to, and what makes a conversation fit to learn from."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from loresmith.records import Record

Role = Literal["user", "assistant", "call", "result"]

# What may follow what; a conversation starts after "" and ends with an answer.
FOLLOWERS: dict[str, tuple[Role, ...]] = {
    "": ("user",),
    "user": ("assistant", "call"),
    "assistant": ("user", "call"),
    "call": ("result",),
    "result": ("assistant", "call", "result"),
}
NAMES = {"user": "question", "assistant": "answer", "call": "tool call", "result": "tool result"}


class Turn(Record):
    """One thing said."""

    role: Role
    text: str
    """Of a `call`: JSON, an object with `name` and `arguments`, or a list of such objects."""


class Dialogue(Record):
    """A conversation, whatever file it came from."""

    id: str
    system: str = ""
    turns: tuple[Turn, ...]
    tools: str = ""
    """JSON list of the functions that may be called, each with `name`, `description` and `parameters`."""
    contexts: tuple[str, ...] = ()
    """Passages that came with the question and are no part of what was said."""
    options: tuple[str, ...] = ()
    """Of a multiple-choice question, what it lists; the answer is then the letter of one of them."""
    aside: dict[str, str] = Field(default_factory=dict)
    """Columns that trainers ignore, kept beside the conversation."""

    @property
    def spoken(self) -> tuple[str, tuple[Turn, ...], str]:
        """What a round trip through any format must keep."""
        return self.system, self.turns, self.tools

    @property
    def has_tools(self) -> bool:
        """Whether tools are offered, called or answering."""
        return bool(self.tools) or any(turn.role in ("call", "result") for turn in self.turns)


@dataclass(frozen=True)
class Said:
    """What a format finds in a row, before it is given an id."""

    turns: tuple[Turn, ...]
    system: str = ""
    tools: str = ""
    contexts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was changed or left out on the way, counted in the report."""


class Dropped(Record):
    """A row, or a part of one, that became no dialogue."""

    place: str
    """File and line or row."""
    reason: str


class Refused(Exception):
    """A row cannot be mapped; the message is the reason. Caught where rows are read, never shown as an error."""


def pair(question: str, answer: str) -> tuple[Turn, ...]:
    """The turns of one question and its answer."""
    return Turn(role="user", text=question), Turn(role="assistant", text=answer)


def fault_of(turns: tuple[Turn, ...]) -> str | None:
    """Why a model cannot learn from `turns`; `None` when it can."""
    if not turns:
        return "no turns"
    before = ""
    for turn in turns:
        if turn.role not in FOLLOWERS[before]:
            return _missing(before, turn.role)
        if not turn.text.strip() and turn.role != "result":  # a tool may return nothing
            return f"an empty {NAMES[turn.role]}"
        before = turn.role
    if before != "assistant":
        return f"a missing turn: the {NAMES[before]} at the end has no answer"
    return None


def _missing(before: str, role: Role) -> str:
    if not before:
        return f"a missing turn: it begins with {_a(role)}"
    return f"a missing turn: {_a(role)} follows {_a(before)}"


def _a(role: str) -> str:
    return f"an {NAMES[role]}" if role == "assistant" else f"a {NAMES[role]}"
