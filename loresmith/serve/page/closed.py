"""Gradio's doors that our page does not use, shut: handlers answer the page's own events and no program.

The page speaks through `queue/` and `run/predict`, which carry the number of an event and the session of an open page;
both stand behind the same gate, limits and desk as the API. Calling a handler by name, uploads, files, streams and
whatever else Gradio offers programs, now or in a later version, is not served.
"""

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from loresmith.serve.schema import fault

OFFERED = re.compile(
    r"^/(?:gradio_api/)?(?:run|api|call|upload|file[=/]|stream|proxy=|component_server|vibe)|^/gradio_api"
)
"""Where Gradio offers something to programs."""
USED = re.compile(
    r"^/gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/[^/]+|startup-events|cancel|reset|info|app_id)/?$"
)
"""What the page itself asks for."""


class Closed:
    """Lets requests of the page through to `app`, and what only programs ask of Gradio not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 in place of Gradio."""
        if scope["type"] == "http" and OFFERED.match(scope["path"]) and not USED.match(scope["path"]):
            told = fault("That is not served here; programs use the API.", kind="not_found_error", code="closed")
            await JSONResponse(told, status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
