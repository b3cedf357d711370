"""What can be plugged in, and how it is found.

Each point is one `Protocol` and one entry-point group; the built-ins are registered through the same groups in
this project's own `pyproject.toml`, so that the door is known to work.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from loresmith.errors import UserError
from loresmith.records import Alert, Chunk, Fact, Question, Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from loresmith.progress import Work
    from loresmith.recipe import ModelConfig, TrainConfig

READERS = "loresmith.readers"
TEACHERS = "loresmith.teachers"
EMBEDDERS = "loresmith.embedders"
STORES = "loresmith.stores"
TRAINERS = "loresmith.trainers"
ALERTS = "loresmith.alerts"
GROUPS = (READERS, TEACHERS, EMBEDDERS, STORES, TRAINERS, ALERTS)


class Reader(Protocol):
    """Turns one file into Markdown."""

    suffixes: tuple[str, ...]
    """Lower case, with the dot."""

    def read(self, path: Path) -> Reading:
        """Raise `Unreadable` with a reason for what cannot be read."""
        ...


class Teacher(Protocol):
    """Finds facts in a chunk and words questions about them."""

    name: str

    def facts(self, chunk: Chunk) -> Iterable[Fact]:
        """Facts whose quotes stand verbatim in the chunk's span."""
        ...

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterable[Question]:
        """Several wordings of questions on `fact`, found in `chunk`; `neighbours` lend their answers as distractors."""
        ...


@runtime_checkable
class SurveyingTeacher(Teacher, Protocol):
    """A teacher that looks over all chunks before the first fact is taken, for what only several of them say."""

    def survey(self, chunks: Sequence[Chunk]) -> None:
        """Remember of `chunks`, in the order of the documents, what their facts will rest on."""
        ...


@runtime_checkable
class AskingTeacher(Teacher, Protocol):
    """A teacher that asks a model: it has all its answers before the first fact is taken, and says what they cost."""

    def prepare(self, chunks: Sequence[Chunk], folder: Path) -> "Work[None]":
        """Ask about `chunks`; each raw answer lies in `folder` before the next step, for a run that comes after."""
        ...

    def account(self, pairs: int) -> dict[str, Any]:
        """Calls, failures by reason, tokens and money, in all and for each of the `pairs` that were kept."""
        ...

    def first_answer(self) -> str | None:
        """What the model said first, as it said it: shown when nothing of all it said could be kept."""
        ...


@runtime_checkable
class DoubtingTeacher(AskingTeacher, Protocol):
    """A teacher whose model also answers or judges its own questions: `generate.round_trip`, `generate.judge`."""

    def doubt(self, question: Question) -> str | None:
        """Why `question` falls, known since `prepare`; `None` where nothing is held against it."""
        ...


class Embedder(Protocol):
    """Texts to unit vectors."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Rows of length 1, shape `(len(texts), dimensions)`."""
        ...


class Store(Protocol):
    """Nearest neighbours among unit vectors."""

    def search(self, query: "NDArray[np.float32]", k: int) -> list[tuple[int, float]]:
        """The `k` best rows as (row, cosine), best first; `query` has shape `(dimensions,)`."""
        ...


class Trainer(Protocol):
    """Fits an adapter, or the whole model, and leaves it in a folder."""

    def fit(
        self, model: "ModelConfig", examples: "TrainingSet", target: Path, config: "TrainConfig"
    ) -> "Work[dict[str, Any]]":
        """Leave `log.jsonl` and what was learned in `target`, going on from a checkpoint found there; final figures.

        What was learned is a PEFT adapter, or a whole model folder where every weight was trained.
        """
        ...


class AlertChannel(Protocol):
    """A way to people."""

    def send(self, alert: Alert) -> None:
        """Deliver `alert`, or raise `MachineError` or `UserError` with the reason; not a secret in it."""
        ...


@dataclass(frozen=True)
class Conversation:
    """One rendered conversation: what the model sees, and where its own words begin."""

    ids: tuple[int, ...]
    completion: int
    """Index of the first token that carries loss; all before it is the prompt."""
    name: str = ""
    """What an error calls it: the question's id and its first words."""


@dataclass(frozen=True)
class TrainingSet:
    """Conversations to learn from, and those that only watch the loss."""

    train: tuple[Conversation, ...]
    validation: tuple[Conversation, ...]
    epochs: tuple[tuple[int, ...], ...] = ()
    """What each epoch takes of `train`, by index and in its order, each as many and none twice; where it is empty, each
    takes all of them, in an order that the seed decides."""

    @property
    def per_epoch(self) -> int:
        """Conversations of one epoch."""
        return len(self.epochs[0]) if self.epochs else len(self.train)


def found(group: str) -> dict[str, EntryPoint]:
    """Every plug-in of a group by name, sorted; nothing is imported yet."""
    return {point.name: point for point in sorted(entry_points(group=group), key=lambda point: point.name)}


def load(group: str, name: str) -> Callable[..., Any]:
    """The class or function that plug-in `name` of `group` points to.

    Raises:
        UserError: no such plug-in is installed, or a package that it needs is missing.
    """
    points = found(group)
    if name not in points:
        known = ", ".join(points) or "none"
        raise UserError(
            f"No plug-in {name!r} in {group} (installed: {known}).",
            next_step="Choose an installed one, or install the package that brings it.",
        )
    try:
        loaded: Callable[..., Any] = points[name].load()
    except ModuleNotFoundError as fault:
        raise UserError(
            f"The plug-in {name!r} needs the package {fault.name}, which is not installed.",
            next_step=f"pip install 'loresmith[{name}]', or choose another of: {', '.join(points)}.",
        ) from fault
    return loaded
