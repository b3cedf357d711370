from collections.abc import Iterator

import pytest

from loresmith.pipeline import Project
from loresmith.serve.expert import open_expert
from loresmith.serve.site import Access, create_site
from tests.serve.librarian import Librarian, Site, served
from tests.serve.shelf import build_project


@pytest.fixture
def librarian() -> Librarian:
    return Librarian()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small real project, made up to its index."""
    return build_project(tmp_path_factory.mktemp("plant"))


@pytest.fixture(scope="session")
def plant(project: Project) -> Iterator[Site]:
    """The whole site of the small project, page and API, behind a real server."""
    with served(create_site(open_expert(project, "none"), Access())) as running:
        yield running
