"""The finished site of a project: API, report, page and gate in one application."""

from dataclasses import dataclass

from fastapi import FastAPI

from loresmith.errors import ArtifactMissing
from loresmith.pipeline import Project
from loresmith.quiz.bank import Bank
from loresmith.serve.access import Gate, Key, is_loopback, own_names
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.expert import OpenExpert, finished
from loresmith.serve.page.build import PageFacts, mount_page
from loresmith.serve.report import report_routes
from loresmith.serve.signin import sign_in_routes


@dataclass(frozen=True)
class Access:
    """Where the site will be reached, and who may."""

    host: str = "127.0.0.1"
    api_key: str | None = None


def create_site(expert: OpenExpert, access: Access) -> FastAPI:
    """The application for `expert`, which it closes when it ends. Run it with `server.run`."""
    project = expert.project
    desk = Desk(expert)
    app = create_api(desk, project.recipe.name)
    app.include_router(report_routes(project))
    key = Key(access.api_key) if access.api_key is not None else None
    if key is not None:
        app.include_router(sign_in_routes(key, project.recipe.name))
    mount_page(app, desk, _bank(project), page_facts(expert))
    # Behind a key the name does not matter; without one only this machine may ask, by its own names.
    hosts = own_names(access.host) if key is None and is_loopback(access.host) else None
    app.add_middleware(Gate, key=key, hosts=hosts)
    return app


def page_facts(expert: OpenExpert) -> PageFacts:
    """What the page says about `expert`."""
    project = expert.project
    return PageFacts(
        name=project.recipe.name,
        documents=_kept(project, "ingest"),
        passages=_kept(project, "chunk"),
        writer=expert.writer,
        examples=expert.examples(),
        quiz_questions=project.recipe.serve.quiz_questions,
        has_report=finished(project, "report") is not None,
    )


def _bank(project: Project) -> Bank | None:
    try:
        return Bank.open(project.path)
    except ArtifactMissing:
        return None


def _kept(project: Project, name: str) -> int:
    made = finished(project, name)
    return made.manifest.counts.get("kept", 0) if made else 0
