import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.expert import open_expert
from loresmith.serve.site import create_site
from tests.serve.librarian import Librarian, Site, served
from tests.serve.shelf import build_project
from tests.serve.town import build_town

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("background-networking", "component-update", "sync", "gpu")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium driven by playwright; tests are skipped where either is absent."""
    sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_api.sync_playwright() as player:
        started = player.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
        )
        yield started
        started.close()


@pytest.fixture
def librarian() -> Librarian:
    return Librarian()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The file of two experts on the tiny model, with indexes, adapters and a router; leave them as they are."""
    return build_town(tmp_path_factory.mktemp("town"), tiny_model)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small real project, made up to its index."""
    return build_project(tmp_path_factory.mktemp("plant"))


@pytest.fixture(scope="session")
def plant(project: Project) -> Iterator[Site]:
    """The whole site of the small project, page and API, behind a real server."""
    with served(create_site(open_expert(project, "none"), Access())) as running:
        yield running
