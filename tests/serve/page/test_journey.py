"""The whole way through the page in a real browser; skipped where there is none.

One round in the suite; `LORESMITH_ALL_ROUNDS=1` adds the other three, and `python -m docs.photograph` takes the
pictures of the docs on the same way.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.expert import open_expert
from loresmith.serve.site import create_site
from tests.ingest.conftest import pdf_bytes
from tests.serve.journey import DESK, DOCK, KEY, PHONE, QUESTION, Journey
from tests.serve.librarian import Site, served

DOCK_PDF = pdf_bytes(DOCK, [("The dock", 1), ("Cranes", 2)], 0, False)


@pytest.fixture
def workplace(project: Project, tmp_path: Path) -> Project:
    """A copy of the small project that a test may change."""
    shutil.copytree(project.path, tmp_path / "plant")
    return Project(tmp_path / "plant", project.recipe)


@pytest.fixture
def site(workplace: Project) -> Iterator[Site]:
    with served(create_site(open_expert(workplace, "none"), Access(api_key=KEY))) as running:
        yield running


OTHER = pytest.mark.skipif("LORESMITH_ALL_ROUNDS" not in os.environ, reason="only with LORESMITH_ALL_ROUNDS=1")
ROUNDS = [
    pytest.param(PHONE, "dark", id="phone in dark"),
    *(
        pytest.param(size, scheme, id=f"{name} in {scheme}", marks=OTHER)
        for name, size, scheme in (("desk", DESK, "light"), ("desk", DESK, "dark"), ("phone", PHONE, "light"))
    ),
]


@pytest.mark.parametrize(("size", "scheme"), ROUNDS)
def test_a_visitor_signs_in_adds_a_pdf_asks_opens_the_citation_takes_a_quiz_and_reviews(
    browser: Any, site: Site, size: dict[str, int], scheme: str
) -> None:
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        visit = Journey(context.new_page(), site.url)
        visit.sign_in(KEY)
        said = visit.upload("dock.pdf", DOCK_PDF)
        assert "2 pages, 2 headings, 0 tables" in said
        assert not visit.is_too_wide()
        card = visit.ask(QUESTION)
        assert "dock.pdf" in card
        assert "page 2" in card
        marked, place, picture_width = visit.open_citation()
        assert marked == "The crane of the dock lifts 18 tonnes"
        assert "page 2 of 2" in place
        assert picture_width == 1000
        replies, score, reviewed = visit.take_quiz(10)
        assert all(words.startswith(("Right.", "Not quite: ")) and ".md" in words for words in replies)
        assert score == f"{sum(words.startswith('Right.') for words in replies)} of 10 right"
        assert reviewed == 10
        assert visit.review().startswith("1 of ")
        assert "cited\n1" in visit.monitor()
        assert not visit.is_too_wide()
        assert visit.outside == []
        assert visit.complaints == []
