"""The finished site of a project: API, report, review, page and gate in one application."""

from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from loresmith.errors import ArtifactMissing
from loresmith.pipeline import Project
from loresmith.quiz.bank import Bank
from loresmith.quiz.book import Book
from loresmith.recipe import ServeConfig
from loresmith.serve.access import OPEN_PATHS, Access, Gate, House, Room
from loresmith.serve.api import create_api
from loresmith.serve.blind.routes import blind_routes
from loresmith.serve.desk import Desk, Limits
from loresmith.serve.documents.intake import Intake
from loresmith.serve.documents.routes import document_routes
from loresmith.serve.documents.shelf import Shelf
from loresmith.serve.documents.upload_routes import UPLOAD_SECONDS, UPLOADS_PATH, upload_routes
from loresmith.serve.expert import OpenExpert, finished
from loresmith.serve.feedback import MEGABYTE, FeedbackBook
from loresmith.serve.feedback_routes import FeedbackDesk, feedback_routes
from loresmith.serve.following import Following
from loresmith.serve.meter import Meter
from loresmith.serve.metering import METRICS_PATH, Metered, metric_routes
from loresmith.serve.monitor.routes import monitor_routes
from loresmith.serve.page.assets import asset_routes
from loresmith.serve.page.build import PageFacts, mount_page
from loresmith.serve.quiz_routes import Study, quiz_routes
from loresmith.serve.rate import Buckets
from loresmith.serve.report import REPORT_PATH, report_routes
from loresmith.serve.review.routes import review_routes
from loresmith.serve.signin import sign_in_routes
from loresmith.serve.tutoring import Tutoring

UNDESCRIBED = ("/openapi.json", REPORT_PATH, "/sign-in", UPLOADS_PATH)
"""Routes that no program needs."""


def create_site(
    expert: OpenExpert | Following, access: Access, workshop: Project | None = None, config: ServeConfig | None = None
) -> FastAPI:
    """The application for `expert`, which it closes when it ends. Run it with `server.run`.

    Questions are reviewed in the project `workshop`; without one, in the expert's own, unless that is a version of a
    registry, which never changes. Feedback is kept in the workshop too, or else beside the versions of the registry.
    """
    project = expert.project
    config = config or project.recipe.serve
    followed = expert if isinstance(expert, Following) else None
    desk = Desk(expert, Limits(timeout_seconds=config.timeout_seconds), version=followed.version if followed else None)
    bank = _bank(project)
    tutoring = Tutoring(desk, bank) if bank is not None and len(bank) else None
    app = create_api(desk, project.recipe.name, followed.status if followed else None, tutoring=tutoring)
    app.include_router(report_routes(lambda: expert.project))
    if workshop is None and followed is None:
        workshop = project
    if workshop is not None:
        app.include_router(review_routes(workshop))
        app.include_router(blind_routes(workshop))
    app.include_router(asset_routes())
    can_take = followed is None and config.upload_megabytes > 0
    if can_take:
        assert isinstance(expert, OpenExpert)
        app.include_router(_upload_routes(expert, desk, config))
    shelf = Shelf(lambda: expert.project)
    app.include_router(document_routes(shelf, config.upload_megabytes if can_take else 0))
    study = None if isinstance(expert, Following) else Study(cache(expert.author), desk.lend)
    place = workshop.path if workshop is not None else expert.folder
    app.include_router(quiz_routes(bank, config.quiz_questions, study=study, book=Book(place)))
    feedback = FeedbackDesk(desk, FeedbackBook(place, config.feedback_megabytes))
    app.include_router(feedback_routes(feedback))
    app.include_router(metric_routes(desk.meter))
    app.include_router(monitor_routes(desk.meter, place))
    if access.key is not None:
        app.include_router(sign_in_routes(access.key, project.recipe.name))
    routes = templates(app)
    mount_page(app, desk, bank, page_facts(expert, workshop), feedback)
    guard(app, access, config, desk.meter, routes)
    return app


def _upload_routes(expert: OpenExpert, desk: Desk, config: ServeConfig) -> APIRouter:
    """Documents come into the project of `expert`, who answers from them at once."""
    intake = Intake(expert.project, lambda: desk.behind(expert.renew()))
    desk.beside(intake.close)
    return upload_routes(intake, config.upload_megabytes * MEGABYTE)


def guard(app: FastAPI, access: Access, config: ServeConfig, meter: Meter, routes: Sequence[str]) -> None:
    """Everything that comes before a route: the gate, the answer to browsers of other sites, the count around all."""
    house = House(
        key=access.key,
        hosts=access.hosts,
        buckets=Buckets(config.requests_per_minute) if config.requests_per_minute else None,
        rooms={UPLOADS_PATH: Room(config.upload_megabytes * MEGABYTE, UPLOAD_SECONDS)},
        open_paths=(*OPEN_PATHS, METRICS_PATH) if config.open_metrics else OPEN_PATHS,
    )
    app.add_middleware(Gate, house=house, meter=meter)
    if config.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.cors_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["authorization", "content-type"],
            expose_headers=["retry-after"],
        )
    app.add_middleware(Metered, meter=meter, routes=routes)


def templates(app: FastAPI) -> list[str]:
    """The templates of the routes that `app` has so far, by which requests are counted."""
    described = app.openapi()["paths"]
    return [*described, *UNDESCRIBED]


def page_facts(expert: OpenExpert | Following, workshop: Project | None) -> PageFacts:
    """What the page says about `expert`, whose questions are reviewed in `workshop`."""
    project = expert.project
    return PageFacts(
        name=project.recipe.name,
        documents=kept(project, "ingest"),
        passages=kept(project, "chunk"),
        writer=expert.writer,
        examples=expert.examples(),
        quiz_questions=project.recipe.serve.quiz_questions,
        has_report=finished(project, "report") is not None,
        has_documents=True,
        has_monitor=True,
        has_questions=workshop is not None and finished(workshop, "generate") is not None,
    )


def _bank(project: Project) -> Bank | None:
    try:
        return Bank.open(project.path)
    except ArtifactMissing:
        return None


def kept(project: Project, name: str) -> int:
    """Rows that the stage `name` kept; 0 where it was not made."""
    made = finished(project, name)
    return made.manifest.counts.get("kept", 0) if made else 0
