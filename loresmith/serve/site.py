"""The finished site of a project: API, report, review, page and gate in one application."""

from fastapi import FastAPI

from loresmith.errors import ArtifactMissing
from loresmith.pipeline import Project
from loresmith.quiz.bank import Bank
from loresmith.serve.access import Access, Gate
from loresmith.serve.api import create_api
from loresmith.serve.blind.routes import blind_routes
from loresmith.serve.desk import Desk
from loresmith.serve.expert import OpenExpert, finished
from loresmith.serve.following import Following
from loresmith.serve.page.build import PageFacts, mount_page
from loresmith.serve.report import report_routes
from loresmith.serve.review.routes import review_routes
from loresmith.serve.signin import sign_in_routes


def create_site(expert: OpenExpert | Following, access: Access, workshop: Project | None = None) -> FastAPI:
    """The application for `expert`, which it closes when it ends. Run it with `server.run`.

    Questions are reviewed in the project `workshop`; without one, in the expert's own, unless that is a version of a
    registry, which never changes.
    """
    project = expert.project
    followed = expert if isinstance(expert, Following) else None
    desk = Desk(expert, version=followed.version if followed else None)
    app = create_api(desk, project.recipe.name, followed.status if followed else None)
    app.include_router(report_routes(lambda: expert.project))
    if workshop is None and followed is None:
        workshop = project
    if workshop is not None:
        app.include_router(review_routes(workshop))
        app.include_router(blind_routes(workshop))
    if access.key is not None:
        app.include_router(sign_in_routes(access.key, project.recipe.name))
    mount_page(app, desk, _bank(project), page_facts(expert, workshop))
    app.add_middleware(Gate, key=access.key, hosts=access.hosts)
    return app


def page_facts(expert: OpenExpert | Following, workshop: Project | None) -> PageFacts:
    """What the page says about `expert`, whose questions are reviewed in `workshop`."""
    project = expert.project
    return PageFacts(
        name=project.recipe.name,
        documents=_kept(project, "ingest"),
        passages=_kept(project, "chunk"),
        writer=expert.writer,
        examples=expert.examples(),
        quiz_questions=project.recipe.serve.quiz_questions,
        has_report=finished(project, "report") is not None,
        has_questions=workshop is not None and finished(workshop, "generate") is not None,
    )


def _bank(project: Project) -> Bank | None:
    try:
        return Bank.open(project.path)
    except ArtifactMissing:
        return None


def _kept(project: Project, name: str) -> int:
    made = finished(project, name)
    return made.manifest.counts.get("kept", 0) if made else 0
