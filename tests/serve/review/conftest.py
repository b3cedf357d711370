import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.pipeline import Project, open_project
from loresmith.serve.access import Access
from loresmith.serve.review.site import create_review_site
from tests.review.workshop import build_workshop
from tests.serve.librarian import Site, served
from tests.serve.review.hostile import build_hostile


@pytest.fixture(scope="session")
def finished_workshop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def workshop(finished_workshop: Project, tmp_path: Path) -> Project:
    """A project with questions and no decisions yet."""
    shutil.copytree(finished_workshop.path, tmp_path / "workshop")
    return open_project(tmp_path / "workshop")


@pytest.fixture
def site(workshop: Project) -> Iterator[Site]:
    """The review of that project behind a real server."""
    with served(create_review_site(workshop, Access())) as running:
        yield running


@pytest.fixture
def hostile(tmp_path: Path) -> Project:
    """A project whose document, its name and questions try to be markup."""
    return build_hostile(tmp_path / "hostile")
