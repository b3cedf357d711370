"""`/feedback`: a thumb on an answer, with a correction and words where there are some."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from loresmith.characters import storable
from loresmith.serve.access import client_name
from loresmith.serve.desk import Desk
from loresmith.serve.faults import Refused
from loresmith.serve.feedback import FeedbackBook, Remark, Source, Value, now
from loresmith.serve.schema import ID_LEAD

LONGEST_CORRECTION = 8_000
LONGEST_WORDS = 4_000


class FeedbackRequest(BaseModel):
    """What `/feedback` takes."""

    model_config = ConfigDict(extra="forbid")

    answer: str = Field(min_length=1, max_length=64)
    """The `id` of the answer, as `/ask` and chat completions give it."""
    value: Value
    correction: str | None = Field(default=None, max_length=LONGEST_CORRECTION)
    words: str | None = Field(default=None, max_length=LONGEST_WORDS)


class FeedbackDesk:
    """Binds thumbs to the answers that were given at `desk`, and keeps them in `book`."""

    def __init__(self, desk: Desk, book: FeedbackBook) -> None:
        self._desk, self._book = desk, book

    async def take(self, asked: FeedbackRequest, client: str | None = None) -> None:
        """What was said is on the disk.

        Raises:
            Refused: the answer is unknown.
            MachineError: there is no room.
        """
        told = self._desk.told.get(asked.answer.removeprefix(ID_LEAD))
        if told is None:
            raise Refused(
                "There is no such answer, or it was given too long ago.",
                status=404, param="answer", code="answer_not_found",
            )  # fmt: skip
        answer = told.answer
        remark = Remark(
            answer=told.id,
            value=asked.value,
            correction=_said(asked.correction),
            words=_said(asked.words),
            question=answer.question,
            text=answer.text,
            sources=tuple(Source(source=one.source, page=one.page, quote=one.quote) for one in answer.citations),
            refused=answer.refused,
            generator=answer.generator,
            version=told.version,
            client=client,
            at=now(),
        )
        await asyncio.shield(asyncio.to_thread(self._book.add, remark))  # a client that leaves takes nothing back
        self._desk.meter.feedback(asked.value)


def feedback_routes(feedback: FeedbackDesk) -> APIRouter:
    """`/feedback`."""
    routes = APIRouter()

    @routes.post("/feedback", status_code=201)
    async def take(asked: FeedbackRequest, request: Request) -> dict[str, Any]:
        await feedback.take(asked, client_name(request.scope))
        return {"stored": True, "answer": asked.answer, "value": asked.value}

    return routes


def _said(words: str | None) -> str | None:
    """`words`, storable as UTF-8; `None` where nothing was said."""
    said = storable(words or "").strip()
    return said or None
