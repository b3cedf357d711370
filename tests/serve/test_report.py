from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.recipe import Recipe
from loresmith.serve.faults import translate_faults
from loresmith.serve.report import report_routes
from tests.serve.librarian import Site, served


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, Recipe(name="x"))


@pytest.fixture
def site(project: Project) -> Iterator[Site]:
    app = FastAPI()
    translate_faults(app)
    app.include_router(report_routes(lambda: project))
    with served(app) as running:
        yield running


def test_before_there_is_a_report_the_verb_is_named(site: Site) -> None:
    answer = httpx.get(f"{site.url}/report")
    assert answer.status_code == 404
    assert "loresmith report" in answer.json()["error"]["message"]


def test_the_report_is_served_without_rights(site: Site, project: Project) -> None:
    with artifact.create(project.path / "report", Plan("report", project.recipe.report)) as draft:
        (draft.path / "report.html").write_text("<h1>Verdict</h1><script>x</script>", encoding="utf-8")
    answer = httpx.get(f"{site.url}/report")
    assert answer.text == "<h1>Verdict</h1><script>x</script>"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert "http" not in policy
