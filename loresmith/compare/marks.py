"""The nouns of a comparison: marks of single questions, on sheets, in the results of one model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loresmith.records import Estimate


@dataclass(frozen=True)
class Mark:
    """How one question came out."""

    question: str
    """The same for the same question in other results of the same tool."""
    score: float
    document: str = ""
    """What questions have in common whose answers go together; empty where each stands alone."""
    fact: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What it belongs to: `form`, `kind`, `document`, `subject`, ... to a name."""
    prompt: str = ""
    """Hash of what the model was shown, where the tool records it."""


@dataclass(frozen=True)
class Sheet:
    """One exam or task under one measure."""

    name: str
    measure: str
    """Such as `correct`, or `exact_match, strict-match`."""
    marks: tuple[Mark, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    """What changes a score without changing the model."""
    total: Estimate | None = None
    """Where there are no marks, what is known of them all."""
    lower_is_better: bool = False
    unscored: int = 0
    """Questions without a score; they are left out, and counted here."""

    @property
    def is_share(self) -> bool:
        """Whether every mark is right or wrong."""
        return all(mark.score in (0.0, 1.0) for mark in self.marks)


@dataclass(frozen=True)
class Results:
    """What one model did."""

    place: Path
    label: str
    """What the results are of, for people: an arm, a model's name, a file."""
    tool: str
    """`loresmith`, `lm-evaluation-harness`, `ragas` or `rows`."""
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    """What the reader passed over."""
