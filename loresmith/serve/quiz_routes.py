"""`/quiz`: a quiz over HTTP. The right answer stays here until the question has been answered.

Sessions live in memory: they end with the server, after an hour without an answer, or when too many newer ones begin.
What is kept of them are the replies of learners who gave a name.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse

from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.quiz.bank import Bank
from loresmith.quiz.book import Book, Entry, weak_sources
from loresmith.quiz.demand import Drawn, Wish, drawn
from loresmith.quiz.export import Shape, exported
from loresmith.quiz.repetition import due
from loresmith.quiz.session import Session, lettered
from loresmith.quiz.writing import Author
from loresmith.serve.faults import Refused

MOST_SESSIONS = 1_000
MOST_QUESTIONS = 100
MOST_DOCUMENTS = 1_000
IDLE_SECONDS = 3_600.0
LARGEST_SEED = (1 << 31) - 1
LONGEST_NAME = 1_000
LONGEST_OPTION = 4_000
LONGEST_LEARNER = 64


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
    learner: str | None = Field(default=None, min_length=1, max_length=LONGEST_LEARNER)
    """Under this name the replies are kept in the project, for `weak` and `due`; without one nothing is kept."""
    weak: bool = False
    """Ask about the documents that went badly for the learner so far."""
    due: bool = False
    """Ask again what is due for the learner today."""
    write: bool = False
    """Have the model write what the bank lacks; each such question is verified before it is asked."""
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
    learner: str | None = None


class Sessions:
    """The quizzes under way, at most `most`; who was idle for long, or longest when there are too many, is let go."""

    def __init__(
        self, most: int = MOST_SESSIONS, idle_seconds: float = IDLE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._idle_seconds, self._clock = most, idle_seconds, clock
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, session: Session, learner: str | None = None) -> str:
        """The name of a new quiz, which nobody can guess; `learner` is who takes it, where that is known."""
        self._let_go()
        while len(self._open) >= self._most:
            self._open.popitem(last=False)
        name = secrets.token_urlsafe(16)
        self._open[name] = _Open(session, self._clock(), learner)
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
        self._open[name] = _Open(session, self._clock(), self.learner(name))
        self._open.move_to_end(name)

    def learner(self, name: str) -> str | None:
        """Who takes the quiz called `name`, where that is known."""
        return self._open[name].learner if name in self._open else None

    def end(self, name: str) -> None:
        """Forget the quiz called `name`, if it is there."""
        self._open.pop(name, None)

    def _let_go(self) -> None:
        """The longest idle stands first."""
        while self._open and self._clock() - next(iter(self._open.values())).used > self._idle_seconds:
            self._open.popitem(last=False)


@dataclass(frozen=True)
class Study:
    """Who writes questions when the bank has too few; lent for a while, since others use the model too."""

    author: Callable[[], Author | None]
    """Opened when it is first needed, in the thread of the models; `None` where nobody can write."""
    lend: Callable[[Callable[[], Drawn]], Awaitable[Drawn]]
    """Does work in the thread of the models."""


def quiz_routes(
    bank: Bank | None,
    count: int,
    sessions: Sessions | None = None,
    study: Study | None = None,
    book: Book | None = None,
) -> APIRouter:
    """`/quiz` over the questions of `bank`, `count` of them where nobody says how many.

    What a named learner answers is kept in `book`.
    """
    routes = APIRouter(prefix="/quiz")
    kept = sessions or Sessions()
    _opening_routes(routes, Opening(bank, count, kept, study, book))
    _running_routes(routes, kept, book)
    return routes


@dataclass(frozen=True)
class Opening:
    """What a quiz is drawn with."""

    bank: Bank | None
    count: int
    kept: Sessions
    study: Study | None
    book: Book | None

    async def drawn(self, asked: QuizRequest) -> tuple[Drawn, Wish]:
        """The quiz that was asked for.

        Raises:
            Refused: there is nothing to ask.
            UserError: as `demand.drawn`.
        """
        writes = asked.write and self.study is not None
        if self.bank is None or not (len(self.bank) or writes):
            raise Refused("There are no quiz questions yet: run `loresmith generate`.", status=404, code="no_questions")
        bank = self.bank
        seed = asked.seed if asked.seed is not None else int(np.random.default_rng().integers(LARGEST_SEED))
        documents = _documents(asked, self.kept, self._entries(asked))
        facts = self._due(asked)
        wish = Wish(asked.count or self.count, tuple(documents), tuple(asked.sections), tuple(facts))
        if writes and self.study is not None and not facts:
            study = self.study
            return await study.lend(lambda: drawn(bank, wish, seed, study.author())), wish
        return drawn(bank, wish, seed), wish

    def _entries(self, asked: QuizRequest) -> list[Entry]:
        if not (asked.weak or asked.due):
            return []
        if self.book is None or asked.learner is None:
            message = "Name the learner whose weak or due questions are meant."
            raise Refused(message, param="learner", code="no_learner")
        return self.book.entries(asked.learner)

    def _due(self, asked: QuizRequest) -> list[str]:
        facts = due(self._entries(asked), datetime.now(UTC)) if asked.due else []
        if asked.due and not facts:
            raise Refused("Nothing is due now.", param="due", code="nothing_due")
        return facts


def _opening_routes(routes: APIRouter, opening: Opening) -> None:
    @routes.get("")
    async def about(learner: Annotated[str | None, Query(max_length=LONGEST_LEARNER)] = None) -> dict[str, Any]:
        bank = opening.bank
        told: dict[str, Any] = {
            "documents": bank.documents if bank else {},
            "sections": bank.sections if bank else {},
        }
        if learner is not None and opening.book is not None:
            entries = opening.book.entries(learner)
            told["learner"] = {
                "answered": len(entries),
                "right": sum(entry.correct for entry in entries),
                "weak": weak_sources(entries),
                "due": len(due(entries, datetime.now(UTC))),
            }
        return told

    @routes.post("", status_code=201)
    async def begin(asked: QuizRequest) -> dict[str, Any]:
        found, wish = await opening.drawn(asked)
        name = opening.kept.begin(found.session, asked.learner)
        return {**_state(name, found.session), "written": _written(found, wish)}


def _running_routes(routes: APIRouter, kept: Sessions, book: Book | None) -> None:
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
        learner = kept.learner(name)
        if book is not None and learner is not None:
            await asyncio.to_thread(book.add, name, after.replies[-1], learner=learner)
        kept.put(name, after)
        return {"feedback": said.model_dump(mode="json"), **_state(name, after)}

    @routes.get("/{name}/export")
    async def export(name: str, shape: Shape = "csv") -> PlainTextResponse:
        session = kept.get(name)
        if not session.is_finished:  # the answers are in it
            raise Refused("A quiz is exported when it is over.", status=409, code="quiz_not_over")
        ending = {"csv": "csv", "anki": "txt", "gift": "gift"}[shape]
        headers = {"content-disposition": f'attachment; filename="quiz.{ending}"'}
        kind = "text/csv" if shape == "csv" else "text/plain"
        return PlainTextResponse(exported(session.questions, shape), media_type=kind, headers=headers)

    @routes.delete("/{name}", status_code=204)
    async def end(name: str) -> None:
        kept.end(name)


def _written(found: Drawn, wish: Wish) -> dict[str, Any]:
    """How many questions come from where, and why written ones were dropped."""
    tried = found.written
    return {
        "wanted": wish.count,
        "banked": found.banked,
        "written": len(tried.questions) if tried else 0,
        "tried": tried.asked if tried else 0,
        "dropped": tried.reasons if tried else {},
    }


def _documents(asked: QuizRequest, kept: Sessions, entries: list[Entry]) -> list[str]:
    if asked.weak_of is None and not asked.weak:
        return asked.documents
    went_badly = weak_sources(entries) if asked.weak_of is None else kept.get(asked.weak_of).result().weak
    weak = [source for source in went_badly if source in (asked.documents or (source,))]
    if not weak:  # no documents would mean all of them
        param = "weak_of" if asked.weak_of is not None else "weak"
        raise Refused("Nothing about that went badly.", param=param, code="no_weak_topics")
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
