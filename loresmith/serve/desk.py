"""The desk where questions arrive from the page and the API: one is answered at a time, and who has left is skipped.

A small model on one machine gains nothing from two answers that fight for its cores. Models work in one thread and the
event loop stays free; searching, which takes milliseconds, has a line of its own and never waits for an answer.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from loresmith.errors import MachineError
from loresmith.records import Answer, Passage
from loresmith.retrieval.vectors import EmbedderCard
from loresmith.serve.line import Busy, Closing, Line
from loresmith.serve.memory import Memory
from loresmith.serve.menu import Chosen
from loresmith.serve.meter import Meter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WAITING = 16
"""Most questions that wait beside the one that is answered."""
SLICE = 16
"""Texts that are embedded at one go; searches come in between."""

Result = TypeVar("Result")
Search = Callable[[str, int], Sequence[Passage]]
"""The best passages for a query, best first."""


class OutOfTime(MachineError):
    """The answer took longer than the server allows."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The answer took longer than {seconds:g} seconds.",
            next_step="Ask for a shorter one, or raise serve.timeout_seconds.",
        )


class Answering(Protocol):
    """What stands behind the desk."""

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer."""
        ...

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, best first."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is for the model."""
        ...

    def passages(self) -> int:
        """How many passages the index holds."""
        ...

    def embedder_name(self) -> str:
        """Whose vectors `embed` gives; known without opening it."""
        ...

    def embedder(self) -> EmbedderCard:
        """Its sizes too, for which it is opened."""
        ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """A row of length 1 for each text."""
        ...

    def count_embedded(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for the embedder."""
        ...

    def close(self) -> None:
        """Let go of models and files."""
        ...


@dataclass(frozen=True)
class Told:
    """A whole answer, and what it cost in tokens of the model."""

    answer: Answer
    prompt_tokens: int
    """Of the question; sources are not counted."""
    completion_tokens: int
    version: str | None = None
    """Of the expert that answered, where several may."""
    id: str = ""
    """By which feedback names the answer."""
    route: dict[str, Any] | None = None
    """Which of several experts answered, and why."""


@dataclass(frozen=True)
class Limits:
    """What the desk allows."""

    waiting: int = WAITING
    timeout_seconds: float | None = None
    """From a question to the end of its answer; `None`: as long as it takes."""


class Reply:
    """An answer in the making: iterate for its pieces, the last of which is the whole.

    `close` it early and the writing stops at the next piece.
    """

    def __init__(self, timeout_seconds: float | None, meter: Meter) -> None:
        self._meter = meter
        self.id = uuid.uuid4().hex
        self.began = time.monotonic()
        self._timeout_seconds = timeout_seconds
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[str | Told | None] = asyncio.Queue()
        self._is_left = Event()
        self._written: Future[None] | None = None

    def expect(self, written: "Future[None]") -> None:
        """`written` ends when `write` does, or is cancelled when it never begins."""
        self._written = written
        written.add_done_callback(lambda _: self._put(None))

    def write(self, start: Callable[[], Generator[str | Told, None, None]]) -> None:
        """Fill the reply with what `start` yields; called in the thread of the models."""
        if self._is_left.is_set():
            return
        with closing(start()) as pieces:
            for piece in pieces:
                if self._is_left.is_set():
                    return
                self._put(piece)

    def close(self) -> None:
        """Nobody reads on."""
        self._is_left.set()
        if self._written is not None:
            self._written.cancel()

    async def __aiter__(self) -> AsyncIterator[str | Told]:
        while (piece := await self._next()) is not None:
            yield piece
        if self._written is None or self._written.cancelled():
            raise Closing
        self._written.result()  # raises what stopped the writing, if anything did

    async def _next(self) -> str | Told | None:
        """The next piece. Out of time, the writing is stopped."""
        if self._timeout_seconds is None:
            return await self._pieces.get()
        left = self.began + self._timeout_seconds - time.monotonic()
        try:
            return await asyncio.wait_for(self._pieces.get(), max(left, 0))
        except TimeoutError as late:
            self.close()
            self._meter.turned_away("timeout")
            raise OutOfTime(self._timeout_seconds) from late

    def _put(self, piece: str | Told | None) -> None:
        with suppress(RuntimeError):  # the loop was closed under a reply that nobody reads any more
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)


class Desk:
    """Takes questions for `expert`, and closes it at the end."""

    def __init__(
        self,
        expert: Answering,
        limits: Limits | None = None,
        version: Callable[[], str] | None = None,
        meter: Meter | None = None,
    ) -> None:
        """`version` names the one that is answering; called in the thread of the models, before an answer ends."""
        self._expert = expert
        self._version = version
        self._limits = limits or Limits()
        self.meter = meter or Meter()
        self.told: Memory[Told] = Memory()
        """The latest whole answers by their ids."""
        self._answers = Line("answers", self._limits.waiting)
        self._searches = Line("searches", self._limits.waiting)
        self._beside: list[Callable[[], None]] = []
        self.meter.watch(lambda: self.inside, expert.passages, version or (lambda: ""))

    @property
    def inside(self) -> int:
        """How many questions are being answered or wait."""
        return self._answers.inside

    @property
    def embedder_name(self) -> str:
        """Whose vectors `embed` gives; known without opening it."""
        return self._expert.embedder_name()

    @property
    def embedder(self) -> EmbedderCard:
        """Its sizes too; opens it, unless something was embedded before."""
        return self._expert.embedder()

    def stream(self, question: str, max_new_tokens: int | None = None, by: Chosen | None = None) -> Reply:
        """The reply to `question`, written when its turn comes; call from a running event loop.

        With `by` that one of several answers. Its pieces end with `OutOfTime` where the limit is reached.

        Raises:
            Busy: too many wait already.
            Closing: the server ends.
        """
        reply = Reply(self._limits.timeout_seconds, self.meter)
        with self._counted():
            work = self._answers.join(lambda: reply.write(lambda: self._tell(question, max_new_tokens, reply, by)))
        reply.expect(work)
        self.meter.inside(self.inside)
        return reply

    async def ask(self, question: str, max_new_tokens: int | None = None, by: Chosen | None = None) -> Told:
        """The whole answer to `question`; cancelling stops the writing. Raises as `stream` does, and `OutOfTime`."""
        reply = self.stream(question, max_new_tokens, by)
        try:
            whole = [piece async for piece in reply if isinstance(piece, Told)]
        finally:
            reply.close()
        return whole[-1]

    async def search(self, query: str, k: int, by: Chosen | None = None) -> Sequence[Passage]:
        """The `k` best passages, best first. Raises as `ask` does."""
        return await self._looked_up(lambda: (by or self._expert).search(query, k))

    def between(self, work: Callable[[], None]) -> None:
        """Do `work` between two answers, after those that wait already, and block until it is done.

        Raises:
            Closing: the server ends.
        """
        self._answers.join(work, beyond=True).result()

    def between_searches(self, work: Callable[[], None]) -> None:
        """The same between two searches."""
        self._searches.join(work, beyond=True).result()

    async def searching(self, work: Callable[[Search], Result]) -> Result:
        """The result of `work`, which gets the search, done in the line of the searches. Raises as `ask` does."""
        return await self._looked_up(lambda: work(self._expert.search))

    async def count_embedded(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for the embedder. Raises as `ask` does."""
        return await self._looked_up(lambda: self._expert.count_embedded(texts))

    async def embed(self, texts: Sequence[str]) -> "list[NDArray[np.float32]]":
        """A vector of length 1 for each text; searches come in between. Raises as `ask` does."""
        vectors: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), SLICE):
            some = texts[start : start + SLICE]
            vectors.extend(await self._looked_up(lambda some=some: self._expert.embed(some)))  # type: ignore[misc]
        return vectors

    def behind(self, work: Callable[[], object]) -> None:
        """Have `work` done once every question and search that is here now has ended."""
        self._answers.behind(lambda: self._searches.behind(work))

    def beside(self, close: Callable[[], None]) -> None:
        """Have `close` called when the desk closes, before the expert goes."""
        self._beside.append(close)

    async def lend(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done in the thread of the models when its turn comes. Raises as `ask` does."""
        return await self._done(self._answers, work)

    def close(self) -> None:
        """Finish the answer that is being written, turn away what waits, and let the expert go."""
        for close in self._beside:
            close()
        self._answers.close()
        self._searches.close()
        self._expert.close()

    async def _looked_up(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done in the line of the searches."""
        return await self._done(self._searches, work)

    async def _done(self, line: Line, work: Callable[[], Result]) -> Result:
        with self._counted():
            doing = line.join(work)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(doing), self._limits.timeout_seconds)
        except TimeoutError as late:
            assert self._limits.timeout_seconds is not None
            self.meter.turned_away("timeout")
            raise OutOfTime(self._limits.timeout_seconds) from late

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except Busy:
            self.meter.turned_away("full")
            raise

    def _tell(
        self, question: str, max_new_tokens: int | None, reply: Reply, by: Chosen | None
    ) -> Generator[str | Told, None, None]:
        """The expert's pieces, with the cost of the whole; counted here since a tokenizer is for one thread only."""
        with closing((by or self._expert).stream(question, max_new_tokens)) as pieces:
            is_first = True
            for piece in pieces:
                if is_first:
                    self.meter.first_piece(time.monotonic() - reply.began)
                    is_first = False
                if isinstance(piece, str):
                    yield piece
                    continue
                count = (by or self._expert).count_tokens
                version = self._version() if self._version is not None else None
                route = by.told() if by is not None else None
                told = Told(piece, count(question), count(piece.text), version, reply.id, route)
                self.told.keep(reply.id, told)
                kind = "refused" if piece.refused else "cited" if piece.citations else "uncited"
                self.meter.answer(kind, told.prompt_tokens, told.completion_tokens)
                yield told
