"""The finished site of a roster: API and chat page over several experts, behind the same gate as that of one."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from loresmith.recipe import ServeConfig
from loresmith.serve.access import Access
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from loresmith.serve.feedback import FeedbackBook
from loresmith.serve.feedback_routes import FeedbackDesk, feedback_routes
from loresmith.serve.metering import metric_routes
from loresmith.serve.page.build import PageFacts, mount_page
from loresmith.serve.reloading import Reloader, reload_routes
from loresmith.serve.roster import OpenRoster
from loresmith.serve.signin import sign_in_routes
from loresmith.serve.site import guard, kept, templates


@dataclass(frozen=True)
class RosterSite:
    """The application, and what brings and takes experts while it runs."""

    app: FastAPI
    reloader: Reloader


def create_roster_site(opened: OpenRoster, path: Path, access: Access, config: ServeConfig | None = None) -> RosterSite:
    """The site of `opened`, which it closes when it ends; feedback is kept beside the file `path` that lists them."""
    config = config or opened.roster.serve
    name = opened.roster.name
    desk = Desk(opened, Limits(timeout_seconds=config.timeout_seconds))
    app = create_api(desk, name, menu=opened)
    feedback = FeedbackDesk(desk, FeedbackBook(path.parent, config.feedback_megabytes))
    app.include_router(feedback_routes(feedback))
    reloader = Reloader(opened, desk, path)
    app.include_router(reload_routes(reloader, opened, access))
    app.include_router(metric_routes(desk.meter))
    if access.key is not None:
        app.include_router(sign_in_routes(access.key, name))
    routes = templates(app)
    mount_page(app, desk, None, page_facts(opened), feedback)
    guard(app, access, config, desk.meter, routes)
    return RosterSite(app, reloader)


def page_facts(opened: OpenRoster) -> PageFacts:
    """What the page says about the experts together."""
    members = list(opened.members.values())
    return PageFacts(
        name=opened.roster.name,
        documents=sum(kept(member.project, "ingest") for member in members),
        passages=sum(kept(member.project, "chunk") for member in members),
        writer=opened.writer,
        examples=[question for member in members for question in member.expert.examples(1)],
        quiz_questions=opened.roster.serve.quiz_questions,
        has_report=False,
    )
