"""The desk where questions arrive from the page and the API: one is answered at a time, and who has left is skipped.

A small model on one machine gains nothing from two answers that fight for its cores. Models work in one thread and the
event loop stays free; searching, which takes milliseconds, has a line of its own and never waits for an answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from loresmith.records import Answer, Passage
from loresmith.serve.line import Closing, Line

WAITING = 16
"""Most questions that wait beside the one that is answered."""


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


class Reply:
    """An answer in the making: iterate for its pieces, the last of which is the whole.

    `close` it early and the writing stops at the next piece.
    """

    def __init__(self) -> None:
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
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if self._written is None or self._written.cancelled():
            raise Closing
        self._written.result()  # raises what stopped the writing, if anything did

    def _put(self, piece: str | Told | None) -> None:
        with suppress(RuntimeError):  # the loop was closed under a reply that nobody reads any more
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)


class Desk:
    """Takes questions for `expert`, and closes it at the end."""

    def __init__(self, expert: Answering, waiting: int = WAITING, version: Callable[[], str] | None = None) -> None:
        """`version` names the one that is answering; called in the thread of the models, before an answer ends."""
        self._expert = expert
        self._version = version
        self._answers = Line("answers", waiting)
        self._searches = Line("searches", waiting)

    @property
    def inside(self) -> int:
        """How many questions are being answered or wait."""
        return self._answers.inside

    def stream(self, question: str, max_new_tokens: int | None = None) -> Reply:
        """The reply to `question`, written when its turn comes; call from a running event loop.

        Raises:
            Busy: too many wait already.
            Closing: the server ends.
        """
        reply = Reply()
        reply.expect(self._answers.join(lambda: reply.write(lambda: self._tell(question, max_new_tokens))))
        return reply

    async def ask(self, question: str, max_new_tokens: int | None = None) -> Told:
        """The whole answer to `question`; cancelling stops the writing. Raises as `stream` does."""
        reply = self.stream(question, max_new_tokens)
        try:
            whole = [piece async for piece in reply if isinstance(piece, Told)]
        finally:
            reply.close()
        return whole[-1]

    async def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, best first. Raises as `stream` does."""
        return await asyncio.wrap_future(self._searches.join(lambda: self._expert.search(query, k)))

    def close(self) -> None:
        """Finish the answer that is being written, turn away what waits, and let the expert go."""
        self._answers.close()
        self._searches.close()
        self._expert.close()

    def _tell(self, question: str, max_new_tokens: int | None) -> Generator[str | Told, None, None]:
        """The expert's pieces, with the cost of the whole; counted here since a tokenizer is for one thread only."""
        with closing(self._expert.stream(question, max_new_tokens)) as pieces:
            for piece in pieces:
                if isinstance(piece, str):
                    yield piece
                    continue
                count = self._expert.count_tokens
                version = self._version() if self._version is not None else None
                yield Told(piece, count(question), count(piece.text), version)
