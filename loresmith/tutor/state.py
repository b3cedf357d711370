"""Where a lesson stands, and what the tutor does next: values alone."""

from dataclasses import dataclass
from typing import Literal, get_args

from loresmith.records import Citation, Passage, Question

Mode = Literal["explain", "socratic", "quiz-me"]
Level = Literal["beginner", "advanced"]
MODES: tuple[Mode, ...] = get_args(Mode)
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Manner:
    """How the tutor teaches."""

    mode: Mode = "explain"
    """`explain` answers and then asks back, `socratic` asks before it answers, `quiz-me` only asks."""
    level: Level = "beginner"
    """A beginner chooses among options; the advanced answer in words of their own."""


@dataclass(frozen=True)
class State:
    """What has happened so far."""

    topic: str = ""
    """What the learner asked about last; empty before the first time."""
    passages: tuple[Passage, ...] = ()
    """What the sources have about it."""
    pending: Question | None = None
    """The question that waits for the learner's answer."""
    hints: int = 0
    """Given for it."""
    asked: tuple[str, ...] = ()
    """Facts that were asked about, which are not asked again."""
    told: tuple[str, ...] = ()
    """Their sentences, which were shown with the answers."""
    right: int = 0
    graded: int = 0


@dataclass(frozen=True)
class Move:
    """What the tutor says now."""

    text: str
    """Marks `[n]` in it stand for the n-th of `citations`; there are none where something is explained."""
    explain: str | None = None
    """A question that the expert is to answer before `text`; `None` where nothing is explained."""
    citations: tuple[Citation, ...] = ()
    question: Question | None = None
    """What is asked in `text`, if anything."""
    correct: bool | None = None
    """How the learner's answer was graded; `None` where there was none."""
