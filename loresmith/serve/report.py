"""The report at `/report`, as a document without rights: no script, no request, no place but our own page."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from loresmith.pipeline import Project
from loresmith.serve.expert import finished
from loresmith.serve.faults import Refused

REPORT_PATH = "/report"
REPORT = "report.html"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups"
)


def report_routes(project: Callable[[], Project]) -> APIRouter:
    """`/report` for what `project` gives, read anew each time."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(REPORT_PATH)
    def report() -> Response:
        made = finished(project(), "report")
        if made is None or not (made / REPORT).is_file():
            raise Refused("There is no report yet: run `loresmith report`.", status=404, code="no_report")
        text = (made / REPORT).read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    return routes
