"""The HTTP API: OpenAI's chat completions and models, `/ask` with citations, `/search` with reasons, `/healthz`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from loresmith import __version__
from loresmith.characters import storable
from loresmith.errors import LoresmithError
from loresmith.serve.desk import Desk, Reply
from loresmith.serve.embeddings import embedding_model, embedding_routes
from loresmith.serve.faults import Refused, explain, translate_faults
from loresmith.serve.listening import while_there
from loresmith.serve.menu import Card, Chosen, Menu
from loresmith.serve.schema import (
    ANY_MODEL,
    ID_LEAD,
    AskRequest,
    Called,
    ChatRequest,
    SearchRequest,
    citations,
    passages,
)
from loresmith.serve.tutoring import Tutoring


def create_api(
    desk: Desk,
    name: str,
    status: Callable[[], dict[str, Any]] | None = None,
    menu: Menu | None = None,
    tutoring: Tutoring | None = None,
) -> FastAPI:
    """The application that answers at `desk` under the model name `name`, and closes the desk when it ends.

    `status` tells `/healthz` which version of the expert answers, where one is followed. With a `menu` there are
    several names to answer under; `tutoring` teaches, where there are questions to teach with.
    """
    at = Counter(desk, name, menu)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(desk.close)

    # Swagger's pages load their scripts from another host, so only the machine-readable description is offered.
    app = FastAPI(title="Loresmith", version=__version__, lifespan=life, docs_url=None, redoc_url=None)
    translate_faults(app)
    app.include_router(_plain_routes(at, status))
    app.include_router(_chat_routes(at, tutoring), prefix="/v1")
    app.include_router(embedding_routes(desk, name), prefix="/v1")
    app.include_router(_model_routes(at), prefix="/v1")
    return app


@dataclass(frozen=True)
class Counter:
    """The desk, and the names under which it is asked."""

    desk: Desk
    name: str
    menu: Menu | None

    def cards(self) -> list[Card]:
        """Every name, the first of which stands for any."""
        return [Card(self.name)] if self.menu is None else list(self.menu.cards())

    def choose(self, model: str) -> Chosen | None:
        """Who answers a request for `model`, where there is a choice.

        Raises:
            Refused: nobody has that name.
        """
        names = [card.name for card in self.cards()]
        if (
            self.menu is not None
            and (chosen := self.menu.choose(names[0] if model == ANY_MODEL else model)) is not None
        ):
            return chosen
        if self.menu is None and model in (self.name, ANY_MODEL):
            return None
        message = f"There is no model {model!r} that answers; this server has {', '.join(map(repr, names))}."
        raise Refused(message, status=404, param="model", code="model_not_found")


def _plain_routes(at: Counter, status: Callable[[], dict[str, Any]] | None) -> APIRouter:
    routes, desk, name = APIRouter(), at.desk, at.name

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        told = {"status": "ok", "model": name, "version": __version__, "inside": desk.inside}
        return told if status is None else {**told, "expert": status()}

    @routes.post("/ask")
    async def ask(asked: AskRequest, request: Request) -> dict[str, Any]:
        chosen = at.choose(asked.model)
        told = await while_there(request, desk.ask(_not_blank(asked.question, "question"), by=chosen))
        row = told.answer.model_dump(mode="json")
        more = {} if told.route is None else {"route": told.route}
        return {"id": f"{ID_LEAD}{told.id}", **row, "passages": passages(told.answer.passages), **more}

    @routes.post("/search")
    async def search(asked: SearchRequest) -> dict[str, Any]:
        found = await desk.search(_not_blank(asked.query, "query"), asked.k, at.choose(asked.model))
        return {"query": asked.query, "passages": passages(found)}

    return routes


def _chat_routes(at: Counter, tutoring: Tutoring | None) -> APIRouter:
    routes, desk = APIRouter(), at.desk

    @routes.post("/chat/completions", response_model=None)
    async def chat(asked: ChatRequest, request: Request) -> Response:
        chosen = at.choose(asked.model)
        name = at.name if chosen is None or asked.model == ANY_MODEL else asked.model
        written, question = _question(asked)
        understood = None if question == written else question
        created = int(time.time())

        if asked.tutor is not None:
            if tutoring is None:
                message = "There is nothing to teach with: run `loresmith generate`."
                raise Refused(message, status=404, param="tutor", code="no_tutor")
            return await while_there(request, tutoring.reply(asked, name, created))
        if asked.stream:
            wants_usage = asked.stream_options is not None and asked.stream_options.include_usage
            reply = desk.stream(question, asked.limit(), chosen)
            return EventStream(reply, _events(reply, Called(reply.id, name, created, understood), wants_usage))
        told = await while_there(request, desk.ask(question, asked.limit(), chosen))
        return JSONResponse(Called(told.id, name, created, understood).whole(told))

    return routes


def _model_routes(at: Counter) -> APIRouter:
    """What there is, and a plain word for what there is not."""
    routes = APIRouter()
    began = int(time.time())

    def cards() -> dict[str, dict[str, Any]]:
        known = [*at.cards(), Card(embedding_model(at.desk, at.name))]
        return {
            card.name: {
                "id": card.name, "object": "model", "created": began, "owned_by": "loresmith",
                **({"description": card.description} if card.description else {}),
            }
            for card in known
        }  # fmt: skip

    @routes.get("/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": list(cards().values())}

    @routes.get("/models/{model}")
    async def model_card(model: str) -> dict[str, Any]:
        known = cards()
        if model not in (*known, ANY_MODEL):
            message = f"There is no model {model!r}; this server has {', '.join(map(repr, known))}."
            raise Refused(message, status=404, param="model", code="model_not_found")
        return known.get(model, known[at.cards()[0].name])

    @routes.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(rest: str) -> None:
        raise Refused(f"/v1/{rest} is not served here.", status=404, code="unknown_url")

    return routes


class EventStream(StreamingResponse):
    """Server-sent events from a reply that is closed however the response ends."""

    def __init__(self, reply: Reply, events: AsyncIterator[str]) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-store"})
        self._reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; then, or when the client has gone, close the reply."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reply.close()


async def _events(reply: Reply, call: Called, wants_usage: bool) -> AsyncIterator[str]:
    """Role, pieces of text, citations with the end, what it cost, `[DONE]`; a fault on the way ends the stream."""
    yield _event(call.piece({"role": "assistant", "content": ""}))
    try:
        async for piece in reply:
            if isinstance(piece, str):
                yield _event(call.piece({"content": piece}))
                continue
            yield _event(call.piece({"citations": citations(piece.answer)}, "stop", piece.route))
            if wants_usage:
                yield _event(call.used(piece))
    except LoresmithError as fault:
        yield _event(explain(fault))
        return
    yield "data: [DONE]\n\n"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


def _question(asked: ChatRequest) -> tuple[str, str]:
    """The question as it was written, and as it stands alone."""
    if (key := asked.unsupported()) is not None:
        raise Refused(f"{key} is not supported here.", param=key, code="unsupported_parameter")
    try:
        return asked.written(), asked.question()
    except ValueError as wrong:
        raise Refused(str(wrong), param="messages") from wrong


def _not_blank(text: str, param: str) -> str:
    if not text.strip():
        raise Refused(f"{param} is empty.", param=param)
    return storable(text.strip())
