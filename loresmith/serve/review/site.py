"""The review alone, for a project that has questions and no expert yet."""

from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response

from loresmith import __version__
from loresmith.pipeline import Project
from loresmith.serve.access import Access, Gate, House
from loresmith.serve.faults import translate_faults
from loresmith.serve.review.routes import REVIEW_PATH, review_routes
from loresmith.serve.signin import sign_in_routes


def create_review_site(project: Project, access: Access) -> FastAPI:
    """The application for the questions of `project`. Run it with `server.run`."""
    app = FastAPI(title="Loresmith", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    translate_faults(app)
    app.include_router(review_routes(project))
    if access.key is not None:
        app.include_router(sign_in_routes(access.key, project.recipe.name))

    @app.get("/")
    def home() -> Response:
        return RedirectResponse(REVIEW_PATH, status_code=303)

    app.add_middleware(Gate, house=House(access.key, access.hosts))
    return app
