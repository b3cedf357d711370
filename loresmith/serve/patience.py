"""Connections that keep nobody: who sends the head of a request by drops, or does not take the answer, is cut off."""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
"""From the opening of a connection, or the end of the last answer, to a whole head of a request."""
STALL_SECONDS = 60.0
"""How long an answer may wait in our buffer for a client that does not read."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP with an end to its patience."""

    head_seconds: ClassVar[float] = HEAD_SECONDS
    stall_seconds: ClassVar[float] = STALL_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn; and from now on a head is expected."""
        super().connection_made(transport)
        self._stalled: asyncio.TimerHandle | None = None
        self._expected: asyncio.TimerHandle | None = self.loop.call_later(self.head_seconds, self._cut_off)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn; nothing is expected any more."""
        self._expect(False)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As uvicorn; a drop does not buy more time, a whole head does."""
        super().data_received(data)
        self._expect(not self._is_answering())

    def pause_writing(self) -> None:
        """The client takes nothing: it has so long to go on."""
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.stall_seconds, self.transport.abort)
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """The client reads again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        self.flow.resume_writing()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self, is_expected: bool) -> None:
        if is_expected and self._expected is None:
            self._expected = self.loop.call_later(self.head_seconds, self._cut_off)
        elif not is_expected and self._expected is not None:
            self._expected.cancel()
            self._expected = None

    def _cut_off(self) -> None:
        self._expected = None
        if not self._is_answering():
            self.transport.abort()
