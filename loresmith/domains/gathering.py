"""The questions of one place: converted, without duplicates, and counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from loresmith.domains.hub import HubDataset, load
from loresmith.domains.places import Place
from loresmith.domains.question import DomainQuestion, Found
from loresmith.domains.training_split import VALIDATION, training_portions
from loresmith.errors import LoresmithError
from loresmith.exchange.dialogue import Dropped, fault_of
from loresmith.likeness import normalised
from loresmith.progress import Work
from loresmith.recipe import PrepareConfig
from loresmith.records import Progress

DUPLICATE = "its question stands in the set already"
FILES_AT_LEAST = 20_000
FILES_FOR_EACH_ROW = 4
"""Records that are read at most: a list of 300,000 takes minutes and gives no better 5,000 rows."""
SHOWN_EVERY = 500


@dataclass
class Pool:
    """What one place gave."""

    place: Place
    revision: str | None = None
    """Commit of the Hub, where it is known."""
    read: int = 0
    """Questions found, and rows or documents that gave none."""
    kept: list[DomainQuestion] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """Reason to count, the most frequent first."""
        return dict(Counter(gone.reason for gone in self.dropped).most_common())

    @property
    def notes(self) -> dict[str, int]:
        """What is missing in questions that were kept."""
        return dict(Counter(question.note for question in self.kept if question.note).most_common())

    def require_balance(self) -> None:
        """Nothing, when all that was read is kept or dropped.

        Raises:
            LoresmithError: questions were lost, which is our bug.
        """
        if self.read != len(self.kept) + len(self.dropped):
            raise LoresmithError(
                f"{self.place.shown}: {self.read} read, {len(self.kept)} kept, {len(self.dropped)} dropped.",
                next_step="This is a bug of Loresmith: please report it.",
            )


def gather(place: Place, config: PrepareConfig, seen: set[str]) -> Work[Pool]:
    """The questions of `place` that are not in `seen`, which learns them.

    Raises:
        UserError: the place cannot be read, or holds no training split.
    """
    pool = Pool(place)
    yield Progress(stage="read", done=0, total=None, note=f"{place.source.name}: {place.shown}")
    for found in _found(place, config, pool):
        pool.read += 1
        reason = found.reason if isinstance(found, Dropped) else _fault(found, seen)
        if reason is None:
            assert isinstance(found, DomainQuestion)
            pool.kept.append(found)
        else:
            pool.dropped.append(Dropped(place=found.place, reason=reason))
        if pool.read % SHOWN_EVERY == 0:
            yield Progress(stage="read", done=pool.read, total=None, note=place.source.name)
    pool.require_balance()
    return pool


def key(question: DomainQuestion) -> str:
    """Equal for two questions that ask the same; what they need to be understood belongs to it."""
    asked = normalised(question.question)
    if question.needs == "options":
        return "\n".join([asked, *sorted(normalised(option) for option in question.options)])
    if question.needs == "evidence":
        return f"{asked}\n{normalised(question.evidence)}"
    if question.conversation is not None and question.conversation.system:
        return f"{asked}\n{normalised(question.conversation.system)}"
    return asked


def _found(place: Place, config: PrepareConfig, pool: Pool) -> Iterator[Found]:
    source = place.source
    if isinstance(place.at, HubDataset):
        assert source.rows is not None
        portion, pool.revision = load(place.at, source.name)
        yield from source.rows(portion)
        if config.with_validation:
            yield from source.rows(load(place.at, source.name, VALIDATION)[0])
    elif source.rows is not None:
        for portion in training_portions(place.at, with_validation=config.with_validation):
            yield from source.rows(portion)
    elif source.records is not None:
        yield from source.records(place.at, max(FILES_AT_LEAST, FILES_FOR_EACH_ROW * config.size), config.seed)
    else:
        assert source.files is not None
        yield from source.files(place.at)


def _fault(question: DomainQuestion, seen: set[str]) -> str | None:
    """Why a question is not taken; `None` when it is, and then it is in `seen`."""
    if question.conversation is not None and (fault := fault_of(question.conversation.turns)) is not None:
        return fault
    if not question.question.strip() or not question.answer.strip():
        return "an empty question or answer"
    asked = key(question)
    if asked in seen:
        return DUPLICATE
    seen.add(asked)
    return None
