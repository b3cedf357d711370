"""The review alone, for a project that has questions and no expert yet."""

from fastapi import FastAPI

from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.alone import create_lone_site
from loresmith.serve.review.routes import REVIEW_PATH, review_routes


def create_review_site(project: Project, access: Access) -> FastAPI:
    """The application for the questions of `project`. Run it with `server.run`."""
    return create_lone_site(project, access, review_routes(project), REVIEW_PATH)
