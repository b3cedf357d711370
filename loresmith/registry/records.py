"""The nouns of a registry: a version and what became of it, a line of the audit log, a fault."""

from typing import Any, Literal

from loresmith.records import Estimate, Record

State = Literal["kept", "archived", "pruned"]
"""`archived`: taken out of the choice, its files still there; `pruned`: only the record is left."""


class Part(Record):
    """One artifact of a version."""

    folder: str
    content: str
    """sha256 of what it holds, the same on every machine."""
    made: str
    """Version of Loresmith that made it."""
    files: int
    size_bytes: int


class Score(Record):
    """One arm in one exam, all forms of questions pooled."""

    arm: str
    exam: str
    accuracy: Estimate


class Version(Record):
    """What a version is. Written once; nothing in it changes afterwards."""

    number: int
    created: str
    """ISO 8601, UTC."""
    name: str
    """Of its project."""
    parent: int | None
    """The champion when it was added: what it means to replace."""
    base: str
    """As the recipe names it."""
    base_hash: str | None
    """Of the base model's files; `None` where nothing was trained or examined."""
    dataset: str | None
    """Content hash of the split: training rows and exams."""
    documents: str | None
    """Content hash of the documents that were read."""
    recipe: str
    """sha256 of `recipe.yaml` as it is kept."""
    rehearsed: bool
    parts: dict[str, Part]
    """Artifacts by the stage that made them; benchmarks as `benchmark:NAME`."""
    apart: tuple[str, ...]
    """Artifacts made from others than those beside them, such as `evaluate: another train`."""
    scores: tuple[Score, ...]
    verdict: str | None
    """The examination's headline."""
    parity: bool | None
    """Whether the exported file was found equal to what was examined; `None` where it did not sit the parity exam."""


class Entry(Record):
    """A version and where it stands now."""

    version: Version
    state: State
    aliases: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def number(self) -> int:
        """Of the version."""
        return self.version.number


class Event(Record):
    """A line of the audit log."""

    id: int
    at: str
    """ISO 8601, UTC."""
    who: str
    action: str
    """`add`, `promote`, `refuse`, `rollback`, `archive`, `restore`, `tag`, `untag`, `prune`."""
    version: int
    moves: dict[str, tuple[int | None, int | None]]
    """Aliases that moved, each from one version to another."""
    reason: str
    evidence: dict[str, Any] | None
    """What the gate said, where it was asked."""


class Fault(Record):
    """What `verify` found wrong."""

    version: int | None
    """`None` where the registry's own file is at fault."""
    path: str
    """Of the file below the registry."""
    problem: str


class Weeding(Record):
    """What pruning removes, or would."""

    versions: tuple[int, ...]
    freed_bytes: int
    """Hard links that stand elsewhere too, as in the project, free nothing."""
    kept: dict[int, str]
    """Versions whose files stay, with the reason."""
