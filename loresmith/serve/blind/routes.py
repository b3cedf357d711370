"""`/blind`: the contests of a project, the page of one, and the address to which votes are posted."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from loresmith.blind.contest import contests_in
from loresmith.blind.session import LONGEST_NAME, Choice, Session, Shown, named
from loresmith.blind.tally import counted
from loresmith.blind.words import headline, lines
from loresmith.errors import UserError
from loresmith.pipeline import Project
from loresmith.serve.files import COLOURS, offer
from loresmith.serve.page.text import place
from loresmith.serve.review.routes import POLICY
from loresmith.serve.same_origin import require_own_page
from loresmith.templates import templates_in

BLIND_PATH = "/blind"
HERE = Path(__file__).parent
STYLE = HERE.parent / "review" / "review.css"
"""The two pages look alike."""


class Voted(BaseModel):
    """A vote as the page posts it."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=64)
    rater: str = Field(max_length=4 * LONGEST_NAME)
    vote: Choice


def blind_routes(project: Project) -> APIRouter:
    """The contests of `project`, below `/blind`."""
    routes = APIRouter(prefix=BLIND_PATH, include_in_schema=False)
    environment = templates_in(HERE)
    environment.globals.update(place=place, longest=LONGEST_NAME)
    template = environment.get_template("page.html")

    @routes.get("")
    def first() -> Response:
        return RedirectResponse(f"{BLIND_PATH}/{_folders(project)[0].name}", status_code=303)

    offer(routes, "/blind.css", COLOURS, STYLE, HERE / "blind.css")
    offer(routes, "/blind.js", HERE / "blind.js")

    @routes.get("/{name}")
    def page(name: str, rater: str = "", again: bool = False) -> Response:
        session = _session(project, name)
        text = template.render(_seen(session, rater, again), name=project.recipe.name, contest=name)
        return HTMLResponse(text, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    @routes.post("/{name}/votes", dependencies=[Depends(require_own_page)])
    def vote(name: str, voted: Voted) -> dict[str, Any]:
        session = _session(project, name)
        session.vote(voted.key, voted.rater, voted.vote)
        return {"left": session.left_over()[named(voted.rater)]}

    return routes


def _folders(project: Project) -> list[Path]:
    """The folders of the contests, of which there is one at least."""
    found = contests_in(project.path)
    if not found:
        raise UserError(
            "There is no blind comparison in this project.",
            next_step=f"Begin one with `loresmith blind {project.path}`.",
        )
    return found


def _session(project: Project, name: str) -> Session:
    for folder in _folders(project):
        if folder.name == name:
            return Session(folder)
    raise UserError("There is no such contest.", next_step="Go to /blind.")


def _seen(session: Session, given: str, again: bool) -> dict[str, Any]:
    """What the page shows: a form for the name, a pair, or the end."""
    rater = named(given) if given.strip() else ""
    shown: Shown | None = None
    if rater:
        shown = session.last_of(rater) if again else session.next_for(rater)
        shown = shown or session.next_for(rater)
    result = counted(session.contest, session.votes()) if rater and shown is None and session.is_over else None
    total = len(session.contest.pairs)
    return {
        "rater": rater,
        "shown": shown,
        "total": total,
        "done": total - session.left_over().get(rater, total),
        "headline": headline(result) if result else "",
        "lines": list(lines(result)) if result else [],
    }
