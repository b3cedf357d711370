"""`/quiz`: a quiz over HTTP. The right answer stays here until the question has been answered.

Sessions live in memory: they end with the server, after an hour without an answer, or when too many newer ones begin.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.quiz.bank import Bank
from loresmith.quiz.session import Session, lettered
from loresmith.quiz.start import start
from loresmith.serve.faults import Refused

MOST_SESSIONS = 1_000
MOST_QUESTIONS = 100
MOST_DOCUMENTS = 1_000
IDLE_SECONDS = 3_600.0
LARGEST_SEED = (1 << 31) - 1
LONGEST_NAME = 1_000
LONGEST_OPTION = 4_000


class QuizRequest(BaseModel):
    """What a quiz is to be about."""

    model_config = ConfigDict(extra="forbid")

    count: int | None = Field(default=None, ge=1, le=MOST_QUESTIONS)
    documents: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(default=[], max_length=MOST_DOCUMENTS)
    """Their sources; none means all."""
    sections: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(default=[], max_length=MOST_DOCUMENTS)
    """Headings below which the questions must lie; none means anywhere."""
    weak_of: str | None = Field(default=None, max_length=64)
    """An earlier quiz: ask about the documents that went badly there."""
    seed: int | None = Field(default=None, ge=0, le=LARGEST_SEED)
    """The same seed draws the same quiz."""


class QuizReply(BaseModel):
    """The answer to one question."""

    model_config = ConfigDict(extra="forbid")

    option: str = Field(min_length=1, max_length=LONGEST_OPTION)
    """One of the options word for word, or its letter."""
    number: int | None = Field(default=None, ge=1)
    """The question that is meant, so that an answer sent twice counts once."""


@dataclass
class _Open:
    session: Session
    used: float


class Sessions:
    """The quizzes under way, at most `most`; who was idle for long, or longest when there are too many, is let go."""

    def __init__(
        self, most: int = MOST_SESSIONS, idle_seconds: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._idle_seconds, self._clock = most, idle_seconds, clock
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, session: Session) -> str:
        """The name of a new quiz, which nobody can guess."""
        self._let_go()
        while len(self._open) >= self._most:
            self._open.popitem(last=False)
        name = secrets.token_urlsafe(16)
        self._open[name] = _Open(session, self._clock())
        return name

    def get(self, name: str) -> Session:
        """The quiz called `name`.

        Raises:
            Refused: there is none, or not any more.
        """
        self._let_go()
        if name not in self._open:
            raise Refused("There is no such quiz, or it was left for too long.", status=404, code="quiz_not_found")
        return self._open[name].session

    def put(self, name: str, session: Session) -> None:
        """The quiz called `name` has moved on."""
        self._open[name] = _Open(session, self._clock())
        self._open.move_to_end(name)

    def end(self, name: str) -> None:
        """Forget the quiz called `name`, if it is there."""
        self._open.pop(name, None)

    def _let_go(self) -> None:
        """The longest idle stands first."""
        while self._open and self._clock() - next(iter(self._open.values())).used > self._idle_seconds:
            self._open.popitem(last=False)


def quiz_routes(bank: Bank | None, count: int, sessions: Sessions | None = None) -> APIRouter:
    """`/quiz` over the questions of `bank`, `count` of them where nobody says how many."""
    routes = APIRouter(prefix="/quiz")
    kept = sessions or Sessions()

    @routes.get("")
    async def about() -> dict[str, Any]:
        if bank is None:
            return {"documents": {}, "sections": {}}
        return {"documents": bank.documents, "sections": bank.sections}

    @routes.post("", status_code=201)
    async def begin(asked: QuizRequest) -> dict[str, Any]:
        if bank is None or not len(bank):
            raise Refused("There are no quiz questions yet: run `loresmith generate`.", status=404, code="no_questions")
        documents = _documents(asked, kept)
        seed = asked.seed if asked.seed is not None else int(np.random.default_rng().integers(LARGEST_SEED))
        session = start(bank, asked.count or count, seed=seed, documents=documents, sections=asked.sections)
        return _state(kept.begin(session), session)

    @routes.get("/{name}")
    async def look(name: str) -> dict[str, Any]:
        return _state(name, kept.get(name))

    @routes.post("/{name}/answer")
    async def answer(name: str, given: QuizReply) -> dict[str, Any]:
        session = kept.get(name)
        if given.number is not None and given.number != len(session.replies) + 1:
            message = f"Question {given.number} is not the one that is asked now."
            raise Refused(message, status=409, param="number", code="wrong_question")
        after, said = session.answered(_option(session, given.option))
        kept.put(name, after)
        return {"feedback": said.model_dump(mode="json"), **_state(name, after)}

    @routes.delete("/{name}", status_code=204)
    async def end(name: str) -> None:
        kept.end(name)

    return routes


def _documents(asked: QuizRequest, kept: Sessions) -> list[str]:
    if asked.weak_of is None:
        return asked.documents
    weak = [source for source in kept.get(asked.weak_of).result().weak if source in (asked.documents or (source,))]
    if not weak:  # no documents would mean all of them
        raise Refused("Nothing about that went badly in that quiz.", param="weak_of", code="no_weak_topics")
    return weak


def _option(session: Session, given: str) -> str:
    """The option that `given` names: its words come first, for an option may be a single letter itself."""
    current = session.current
    if current is None or given in current.options:
        return given
    try:
        return lettered(current, given)
    except UserError as unknown:
        raise Refused(f"{unknown.problem} {unknown.next_step}", param="option") from unknown


def _state(name: str, session: Session) -> dict[str, Any]:
    """What may be known now: the question without its answer, the score, and at the end the result."""
    current = session.current
    question = None
    if current is not None:
        question = {
            "number": len(session.replies) + 1,
            "question": current.question,
            "options": dict(zip(LETTERS, current.options, strict=False)),
        }
    return {
        "id": name,
        "total": len(session.questions),
        "score": session.score,
        "question": question,
        "result": _result(session) if session.is_finished else None,
    }


def _result(session: Session) -> dict[str, Any]:
    told = session.result()
    return {
        "right": told.right,
        "asked": told.asked,
        "mistakes": [mistake.model_dump(mode="json") for mistake in told.mistakes],
        "topics": [topic.model_dump(mode="json") for topic in told.topics],
        "weak": list(told.weak),
    }
