"""`/review`: the page, its two files, and the one address to which decisions are posted."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from loresmith.decisions import Decision, Verdict
from loresmith.pipeline import Project
from loresmith.review.session import Review
from loresmith.serve.files import COLOURS, offer
from loresmith.serve.review.drawing import FOLDER, Drawing, progress_of
from loresmith.serve.review.listing import Filter
from loresmith.serve.same_origin import require_own_page

REVIEW_PATH = "/review"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
LONGEST_TEXT = 2000
"""Characters; the checks on questions refuse far shorter ones, with their reason."""


class Asked(BaseModel):
    """A decision as the page posts it."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=64)
    verdict: Verdict
    question: str | None = Field(default=None, max_length=LONGEST_TEXT)
    answer: str | None = Field(default=None, max_length=LONGEST_TEXT)
    reason: str = Field(default="", max_length=LONGEST_TEXT)

    def decision(self) -> Decision:
        """As it is written down, now; new words belong to an edit alone."""
        is_edit = self.verdict == "edit"
        return Decision(
            key=self.key,
            verdict=self.verdict,
            question=self.question if is_edit else None,
            answer=self.answer if is_edit else None,
            reason=" ".join(self.reason.split()),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def review_routes(project: Project) -> APIRouter:
    """The review of `project`, below `/review`."""
    routes = APIRouter(prefix=REVIEW_PATH, include_in_schema=False)
    review = Review(project.path)
    drawing = Drawing(review, project.recipe.name)

    @routes.get("")
    def page(wanted: Annotated[Filter, Depends(Filter)], start: int = Query(default=0, ge=0)) -> Response:
        text = drawing.page(wanted, start)
        return HTMLResponse(text, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    offer(routes, "/review.css", COLOURS, FOLDER / "review.css")
    offer(routes, "/review.js", FOLDER / "review.js")

    @routes.post("/decisions", dependencies=[Depends(require_own_page)])
    def decide(asked: Asked) -> dict[str, Any]:
        before, after = review.decide(asked.decision())
        count = review.count()
        return {
            "card": drawing.card(after),
            "progress": progress_of(count),
            "decided": count.decided,
            "is_applied": count.is_applied,
            "before": _again(before.decision, asked.key),
        }

    return routes


def _again(decision: Decision | None, key: str) -> dict[str, Any]:
    """What to post to have `decision` back."""
    if decision is None:
        return {"key": key, "verdict": "undecided"}
    return decision.model_dump(include={"key", "verdict", "question", "answer", "reason"}, exclude_none=True)
