"""The files that our pages share: the script that opens a source beside the page, and the colours of paper and ink."""

from pathlib import Path

from fastapi import APIRouter

from loresmith.serve.files import COLOURS, offer

VIEWER_PATH, PAPER_PATH = "/viewer.js", "/paper.css"
FOLDER = Path(__file__).parent


def asset_routes() -> APIRouter:
    """`/viewer.js` and `/paper.css`."""
    routes = APIRouter(include_in_schema=False)
    offer(routes, VIEWER_PATH, FOLDER / "viewer.js")
    offer(routes, PAPER_PATH, COLOURS, FOLDER / "paper.css")
    return routes
