"""The tutor behind `/v1/chat/completions`: a lesson taken up from the messages, in the shape of a chat completion.

Nothing is kept here: the learner's turns are gone through again at each call, which takes a search for each topic.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from loresmith.quiz.bank import Bank
from loresmith.records import Answer
from loresmith.serve.desk import Desk, Told
from loresmith.serve.schema import Called, ChatRequest, TutorRequest, citations
from loresmith.tutor.state import Manner, Move, State
from loresmith.tutor.tutor import Tutor


class Tutoring:
    """Teaches at a desk, from a bank of verified questions."""

    def __init__(self, desk: Desk, bank: Bank) -> None:
        self._desk, self._bank = desk, bank

    async def reply(self, asked: ChatRequest, name: str, created: int) -> Response:
        """The tutor's next words, whole or as a stream of one piece.

        Raises:
            UserError: the expert cannot explain it; and what `Desk.ask` raises.
        """
        how = asked.tutor or TutorRequest()
        manner, said = Manner(how.mode, how.level), asked.turns()
        state, move = await self._desk.searching(lambda search: Tutor(self._bank, search).taken_up(said, manner))
        told = await self._told(state, move, said[-1], asked.limit())
        call = Called(told.id, name, created)
        lesson = {"loresmith": {"tutor": _lesson(state, move, manner)}}
        if not asked.stream:
            return JSONResponse({**call.whole(told), **lesson})
        wants_usage = asked.stream_options is not None and asked.stream_options.include_usage
        events = _events(call, told, lesson, wants_usage)
        return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})

    async def _told(self, state: State, move: Move, said: str, limit: int | None) -> Told:
        """The explanation, where there is one, and the move's own words behind it."""
        if move.explain is None:
            answer = Answer(
                question=said, text=move.text, citations=move.citations, passages=state.passages, generator=None
            )
            return Told(answer, len(said.split()), len(move.text.split()), id=uuid.uuid4().hex)
        told = await self._desk.ask(move.explain, limit)
        whole = told.answer.model_copy(update={"text": f"{told.answer.text}\n\n{move.text}"})
        return Told(whole, told.prompt_tokens, told.completion_tokens, told.version, told.id)


def _lesson(state: State, move: Move, manner: Manner) -> dict[str, Any]:
    """Where the lesson stands, for a page: the pending question without its answer."""
    pending = state.pending
    question = None
    if pending is not None:
        options = list(pending.options) if manner.level == "beginner" or pending.kind == "truth" else []
        question = {"question": pending.question, "options": options, "hints": state.hints}
    return {
        "mode": manner.mode,
        "level": manner.level,
        "topic": state.topic,
        "question": question,
        "correct": move.correct,
        "right": state.right,
        "graded": state.graded,
    }


def _events(call: Called, told: Told, lesson: dict[str, Any], wants_usage: bool) -> Iterator[str]:
    pieces = [
        call.piece({"role": "assistant", "content": ""}),
        call.piece({"content": told.answer.text}),
        {**call.piece({"citations": citations(told.answer)}, "stop"), **lesson},
        *([call.used(told)] if wants_usage else []),
    ]
    for piece in pieces:
        yield f"data: {json.dumps(piece, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
