"""The blind comparison alone; it needs an examination and no model."""

from fastapi import FastAPI

from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.alone import create_lone_site
from loresmith.serve.blind.routes import BLIND_PATH, blind_routes


def create_blind_site(project: Project, access: Access) -> FastAPI:
    """The application for the contests of `project`. Run it with `server.run`."""
    return create_lone_site(project, access, blind_routes(project), BLIND_PATH)
