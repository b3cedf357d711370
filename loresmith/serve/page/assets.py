"""The files that our pages share: the script that opens a source beside the page, and the colours of paper and ink."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

VIEWER_PATH, PAPER_PATH = "/viewer.js", "/paper.css"
FOLDER = Path(__file__).parent
KINDS = {VIEWER_PATH: "text/javascript", PAPER_PATH: "text/css"}


def asset_routes() -> APIRouter:
    """`/viewer.js` and `/paper.css`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(VIEWER_PATH)
    def viewer() -> Response:
        return _file(VIEWER_PATH)

    @routes.get(PAPER_PATH)
    def paper() -> Response:
        return _file(PAPER_PATH)

    return routes


def _file(path: str) -> Response:
    text = (FOLDER / path.lstrip("/")).read_text(encoding="utf-8")
    return Response(text, media_type=KINDS[path], headers={"cache-control": "no-cache"})
