"""The HTTP API: OpenAI's chat completions and models, `/ask` with citations, `/search` with reasons, `/healthz`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from loresmith import __version__
from loresmith.errors import LoresmithError
from loresmith.serve.desk import Desk, Reply
from loresmith.serve.faults import Refused, explain, translate_faults
from loresmith.serve.schema import AskRequest, Called, ChatRequest, SearchRequest, citations, passages

ANY_MODEL = "loresmith"
"""A model name that every server of this kind answers to."""
STILL_THERE_SECONDS = 0.5
"""How often a request that waits is asked whether somebody still listens."""

Result = TypeVar("Result")


def create_api(desk: Desk, name: str, status: Callable[[], dict[str, Any]] | None = None) -> FastAPI:
    """The application that answers at `desk` under the model name `name`, and closes the desk when it ends.

    `status` tells `/healthz` which version of the expert answers, where one is followed.
    """

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(desk.close)

    # Swagger's pages load their scripts from another host, so only the machine-readable description is offered.
    app = FastAPI(title="Loresmith", version=__version__, lifespan=life, docs_url=None, redoc_url=None)
    translate_faults(app)
    app.include_router(_plain_routes(desk, name, status))
    app.include_router(_chat_routes(desk, name), prefix="/v1")
    return app


def _plain_routes(desk: Desk, name: str, status: Callable[[], dict[str, Any]] | None) -> APIRouter:
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        told = {"status": "ok", "model": name, "version": __version__, "inside": desk.inside}
        return told if status is None else {**told, "expert": status()}

    @routes.post("/ask")
    async def ask(asked: AskRequest, request: Request) -> dict[str, Any]:
        answer = (await _while_there(request, desk.ask(_not_blank(asked.question, "question")))).answer
        return {**answer.model_dump(mode="json"), "passages": passages(answer.passages)}

    @routes.post("/search")
    async def search(asked: SearchRequest) -> dict[str, Any]:
        found = await desk.search(_not_blank(asked.query, "query"), asked.k)
        return {"query": asked.query, "passages": passages(found)}

    return routes


def _chat_routes(desk: Desk, name: str) -> APIRouter:
    routes = APIRouter()
    card = {"id": name, "object": "model", "created": int(time.time()), "owned_by": "loresmith"}

    def require_known(model: str) -> None:
        if model not in (name, ANY_MODEL):
            message = f"There is no model {model!r}; this server has {name!r}."
            raise Refused(message, status=404, param="model", code="model_not_found")

    @routes.get("/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [card]}

    @routes.get("/models/{model}")
    async def model_card(model: str) -> dict[str, Any]:
        require_known(model)
        return card

    @routes.post("/chat/completions", response_model=None)
    async def chat(asked: ChatRequest, request: Request) -> Response:
        require_known(asked.model)
        question = _question(asked)
        call = Called(name, int(time.time()))

        if asked.stream:
            wants_usage = asked.stream_options is not None and asked.stream_options.include_usage
            reply = desk.stream(question, asked.limit())
            return EventStream(reply, _events(reply, call, wants_usage))
        return JSONResponse(call.whole(await _while_there(request, desk.ask(question, asked.limit()))))

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
            yield _event(call.piece({"citations": citations(piece.answer)}, "stop"))
            if wants_usage:
                yield _event(call.used(piece))
    except LoresmithError as fault:
        yield _event(explain(fault))
        return
    yield "data: [DONE]\n\n"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


async def _while_there(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which is cancelled when the client hangs up."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=STILL_THERE_SECONDS))[0]:
            if await request.is_disconnected():
                raise Refused("The client has gone.", status=499)
        return await task
    finally:
        task.cancel()


def _question(asked: ChatRequest) -> str:
    if (key := asked.unsupported()) is not None:
        raise Refused(f"{key} is not supported here.", param=key, code="unsupported_parameter")
    try:
        return asked.question()
    except ValueError as wrong:
        raise Refused(str(wrong), param="messages") from wrong


def _not_blank(text: str, param: str) -> str:
    if not text.strip():
        raise Refused(f"{param} is empty.", param=param)
    return text.strip()
