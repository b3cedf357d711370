"""Counts every request around all else, and tells the counts at `/metrics`."""

import re
import time
from collections.abc import Iterable

from fastapi import APIRouter
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loresmith.serve.meter import CONTENT_TYPE, Meter

METRICS_PATH = "/metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PAGE, NOWHERE, OTHER = "page", "none", "other"
CLIENT_LEFT = 499
NOT_FOUND = 404
SLOT = re.compile(r"\{[^}]*\}")


class Metered:
    """Counts what `app` answers by the template among `routes` that a path fits, else as `page` or `none`."""

    def __init__(self, app: ASGIApp, meter: Meter, routes: Iterable[str]) -> None:
        self._app, self._meter = app, meter
        self._routes = [(re.compile(SLOT.sub("[^/]+", route)), route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count it, also where nobody hears the end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), CLIENT_LEFT

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            self._meter.request(self._route(scope, status), method, status, time.monotonic() - began)

    def _route(self, scope: Scope, status: int) -> str:
        known = next((route for pattern, route in self._routes if pattern.fullmatch(scope["path"])), None)
        if known is not None:
            return known
        return PAGE if "route" in scope and status != NOT_FOUND else NOWHERE


def metric_routes(meter: Meter) -> APIRouter:
    """`/metrics`."""
    routes = APIRouter()

    @routes.get(METRICS_PATH)
    def metrics() -> Response:
        return Response(meter.text(), headers={"content-type": CONTENT_TYPE})

    return routes
