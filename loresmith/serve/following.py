"""The expert that a registry's alias names: another version takes over while questions are being answered.

The new version is opened beside the old one and answers a question on trial, which loads whatever is loaded at first
use. Questions that begin after the switch get the new one, those that had begun end with the old one, and then it is
let go; so both are in memory for a while. A version that cannot be opened or cannot answer leaves the old one in place,
and the status and `say` tell why. Only the thread that looks at the registry opens and closes versions.

Not covered: what the page drew when it was opened (examples, counts, the quiz's questions) stays as it was then.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loresmith.errors import LoresmithError, UserError
from loresmith.pipeline import Project, open_project
from loresmith.records import Answer, Passage
from loresmith.registry import CHAMPION, PREVIOUS, Registry
from loresmith.retrieval.vectors import EmbedderCard
from loresmith.serve.expert import OpenExpert, Writer, open_expert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POLL_SECONDS = 0.25
"""How often the registry is looked at; a look at an unchanged one takes microseconds."""
RETRY_SECONDS = 30.0
"""When a version that could not be opened is tried again, though nothing has changed."""
TRIAL = "What is this about?"
"""Asked of a version that has no exam to take a question from."""


@dataclass
class _Held:
    """An open version and how many questions it is answering."""

    number: int
    expert: OpenExpert
    since: str
    users: int = 0


class Following:
    """Answers as the version that `alias` names now. Close it, which closes the version."""

    def __init__(
        self,
        registry: Path,
        alias: str,
        generator: Writer = "auto",
        *,
        standby: bool = False,
        say: Callable[[str], None] = lambda words: None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Open the version that the alias names, and begin to look for another.

        Args:
            registry: Its folder.
            alias: `champion`, `candidate` or `previous`.
            generator: Who writes the answers.
            standby: With the champion keep the previous one open too, so that a rollback takes no opening, but memory.
            say: Hears each change and each problem, as a line for people.
            poll_seconds: How often to look.

        Raises:
            UserError: there is no registry, the alias names nothing, or the version cannot be opened.
        """
        self._folder, self._alias, self._generator, self._say = registry, alias, generator, say
        self._keeps_previous = standby and alias == CHAMPION
        self._previous: int | None = None
        """What is to stay open beside the version in place."""
        self._poll_seconds = poll_seconds
        with closing(Registry(registry, only_look=True)) as book:
            number = book.alias(alias)
            if number is None:
                raise UserError(
                    f"No version in {registry} is the {alias}.",
                    next_step=f"Make one: `loresmith registry promote {registry} VERSION`.",
                )
            self._current = self._open(book, number)
        self._left: list[_Held] = []
        self._count = threading.Lock()
        self._own = threading.local()
        self._problem: str | None = None
        self._failed: tuple[int, float] | None = None
        """A version that could not be opened, and when to try it again."""
        self._is_over = threading.Event()
        self._looking = threading.Thread(target=self._look, name="registry", daemon=True)
        self._looking.start()

    @property
    def folder(self) -> Path:
        """The registry, where feedback may be kept beside the versions."""
        return self._folder

    @property
    def project(self) -> Project:
        """The version in place, as a project; it is not to be written into."""
        return self._current.expert.project

    @property
    def writer(self) -> str | None:
        """Who writes now, in words for people."""
        return self._current.expert.writer

    def examples(self) -> list[str]:
        """Questions to try, from the version in place."""
        return self._current.expert.examples()

    def status(self) -> dict[str, Any]:
        """Which version answers since when, and what keeps a newer one out; `problem` is `None` where all is well.

        `standby` is the previous champion, once it is open.
        """
        held, waiting = self._current, [left.number for left in tuple(self._left) if left.number == self._previous]
        return {
            "alias": self._alias,
            "version": held.number,
            "since": held.since,
            "standby": waiting[0] if waiting else None,
            "problem": self._problem,
        }

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer, then the whole, all of one version."""
        with self._leased() as held:
            self._own.held = held
            try:
                with closing(held.expert.stream(question, max_new_tokens)) as pieces:
                    yield from pieces
            finally:
                self._own.held = None

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, best first."""
        with self._leased() as held:
            return held.expert.search(query, k)

    def passages(self) -> int:
        """Passages in the index of the version in place."""
        with self._leased() as held:
            return held.expert.passages()

    def embedder_name(self) -> str:
        """Whose vectors the version in place gives; known without opening it."""
        with self._leased() as held:
            return held.expert.embedder_name()

    def embedder(self) -> EmbedderCard:
        """Whose vectors the version in place gives."""
        with self._leased() as held:
            return held.expert.embedder()

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Vectors of length 1, one for each text."""
        with self._leased() as held:
            return held.expert.embed(texts)

    def count_embedded(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for the embedder."""
        with self._leased() as held:
            return held.expert.count_embedded(texts)

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, for the version that this thread is answering with, if it is."""
        held: _Held | None = getattr(self._own, "held", None)
        if held is not None:
            return held.expert.count_tokens(text)
        with self._leased() as now:
            return now.expert.count_tokens(text)

    def version(self) -> str:
        """The version that this thread is answering with, such as `version-7`."""
        held: _Held | None = getattr(self._own, "held", None)
        return f"version-{(held or self._current).number}"

    def close(self) -> None:
        """Look no more, and let go of every version; nobody may be asking."""
        self._is_over.set()
        self._looking.join()
        for held in (*self._left, self._current):
            held.expert.close()

    @contextmanager
    def _leased(self) -> Iterator[_Held]:
        """The version in place, which stays open until the block ends."""
        with self._count:
            held = self._current
            held.users += 1
        try:
            yield held
        finally:
            with self._count:
                held.users -= 1

    def _look(self) -> None:
        """Follow the alias until the end; a registry that cannot be read is opened anew at the next look."""
        while not self._is_over.is_set():
            try:
                with closing(Registry(self._folder, only_look=True)) as book:
                    self._watch(book)
            except (LoresmithError, sqlite3.Error, OSError) as fault:
                self._complain(f"the registry cannot be read: {_first_line(fault)}")
                self._is_over.wait(self._poll_seconds)

    def _watch(self, book: Registry) -> None:
        seen: int | None = None
        while not self._is_over.is_set():
            beat = book.beat()
            if beat != seen or self._is_time_to_retry():
                self._catch_up(book)
                self._stand_by(book)
                seen = beat
            self._let_go()
            self._is_over.wait(self._poll_seconds)

    def _catch_up(self, book: Registry) -> None:
        """Put the version in place that the alias names now, unless it cannot be opened."""
        number = book.alias(self._alias)
        if number is None:
            self._complain(f"no version is the {self._alias} now")
            return
        if number == self._current.number:
            self._problem, self._failed = None, None
            return
        if self._failed is not None and self._failed[0] == number and not self._is_time_to_retry():
            return
        try:
            new = self._again(number) or self._open(book, number)
        except Exception as fault:  # whatever is wrong with a version, the old one has to go on
            self._failed = (number, time.monotonic() + RETRY_SECONDS)
            self._complain(f"version {number} cannot be opened: {_first_line(fault)}")
            return
        with self._count:
            old, self._current = self._current, new
        self._left.append(old)
        self._problem, self._failed = None, None
        self._say(f"version {number} answers instead of version {old.number}")

    def _again(self, number: int) -> _Held | None:
        """A version that was left and is still open."""
        for held in self._left:
            if held.number == number:
                self._left.remove(held)
                held.since = _stamp()
                return held
        return None

    def _stand_by(self, book: Registry) -> None:
        """Have the version open that a rollback would bring back."""
        number = book.alias(PREVIOUS) if self._keeps_previous else None
        if number == self._previous:
            return
        self._previous = number
        if number is None or number in (self._current.number, *(held.number for held in self._left)):
            return
        try:
            self._left.append(self._open(book, number))
        except Exception as fault:  # as above; a rollback to it will be told the same
            self._say(f"version {number} cannot be opened to stand by: {_first_line(fault)}")

    def _let_go(self) -> None:
        """Close the versions that were left, once nobody reads from them; the one on standby stays."""
        with self._count:
            done = [held for held in self._left if not held.users and held.number != self._previous]
        for held in done:
            held.expert.close()
            self._left.remove(held)

    def _open(self, book: Registry, number: int) -> _Held:
        """The version, open and warm: it has answered a question."""
        expert = open_expert(open_project(book.folder(number)), self._generator)
        try:
            for _ in expert.stream(next(iter(expert.examples(1)), TRIAL), 1):
                pass
        except BaseException:
            expert.close()
            raise
        return _Held(number, expert, _stamp())

    def _is_time_to_retry(self) -> bool:
        return self._failed is not None and time.monotonic() >= self._failed[1]

    def _complain(self, words: str) -> None:
        if words != self._problem:
            self._say(f"{words}; version {self._current.number} goes on answering")
        self._problem = words


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _first_line(fault: Exception) -> str:
    lines = str(fault).splitlines()
    return lines[0] if lines else type(fault).__name__
