import shutil
from pathlib import Path

import pytest

from loresmith.pipeline import Project, open_project
from tests.review.workshop import build_workshop


@pytest.fixture(scope="session")
def finished_workshop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def workshop(finished_workshop: Project, tmp_path: Path) -> Project:
    """A project of one document, made up to its questions; to be changed at will."""
    documents = tmp_path / "documents-in"
    shutil.copytree(finished_workshop.path.parent / "documents-in", documents)
    shutil.copytree(finished_workshop.path, tmp_path / "workshop")
    project = open_project(tmp_path / "workshop")
    recipe = project.recipe.model_copy(update={"documents": (str(documents),)})
    project = Project(project.path, recipe)
    project.save()
    return project
