"""One page of a project by itself, behind the same gate as the whole site; it needs no model."""

from fastapi import APIRouter, FastAPI
from starlette.responses import RedirectResponse, Response

from loresmith import __version__
from loresmith.pipeline import Project
from loresmith.serve.access import Access, Gate, House
from loresmith.serve.faults import translate_faults
from loresmith.serve.signin import sign_in_routes


def create_lone_site(project: Project, access: Access, routes: APIRouter, home: str) -> FastAPI:
    """The application of `routes`, whose page is at `home`; `/` leads there. Run it with `server.run`."""
    app = FastAPI(title="Loresmith", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    translate_faults(app)
    app.include_router(routes)
    if access.key is not None:
        app.include_router(sign_in_routes(access.key, project.recipe.name))

    @app.get("/")
    def to_page() -> Response:
        return RedirectResponse(home, status_code=303)

    app.add_middleware(Gate, house=House(access.key, access.hosts))
    return app
