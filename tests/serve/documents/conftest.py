import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.pipeline import Project
from loresmith.recipe import ServeConfig
from loresmith.serve.access import Access
from loresmith.serve.expert import open_expert
from loresmith.serve.site import create_site
from tests.serve.librarian import Site, served


@pytest.fixture(scope="module")
def workplace(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the small project that the tests of a module may change."""
    place: Path = tmp_path_factory.mktemp("work") / "plant"
    shutil.copytree(project.path, place)
    return Project(place, project.recipe)


@pytest.fixture(scope="module")
def site(workplace: Project) -> Iterator[Site]:
    """The whole site of the copy; files up to 2 MB."""
    config = ServeConfig(upload_megabytes=2)
    with served(create_site(open_expert(workplace, "none"), Access(), config=config)) as running:
        yield running
