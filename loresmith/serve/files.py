"""The scripts and styles of our own pages, as a browser gets them: read and asked for anew each time."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

COLOURS = Path(__file__).parent / "page" / "colours.css"
"""Paper, ink and green, light and dark: the first part of every style of ours that Gradio does not draw."""
KINDS = {".css": "text/css", ".js": "text/javascript"}


def offer(routes: APIRouter, path: str, *parts: Path) -> None:
    """`GET path` on `routes` gives the files `parts`, which are of one kind, one behind the other."""
    routes.add_api_route(path, _given(*parts), methods=["GET"])


def _given(*parts: Path) -> Callable[[], Response]:
    def give() -> Response:
        text = "".join(part.read_text(encoding="utf-8") for part in parts)
        return Response(text, media_type=KINDS[parts[0].suffix], headers={"cache-control": "no-cache"})

    return give
