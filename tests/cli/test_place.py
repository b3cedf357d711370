from pathlib import Path

import pytest

from loresmith.cli.place import with_recipe
from loresmith.pipeline import Project
from loresmith.recipe import Recipe, SplitConfig


def test_the_recipe_that_is_kept_does_not_depend_on_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = Recipe(name="x", documents=("docs",), split=SplitConfig(decontaminate_against=("bench", "/abs")))
    kept = with_recipe(Project(tmp_path, given), given).recipe
    assert kept.documents == (str(tmp_path / "docs"),)
    assert kept.split.decontaminate_against == (str(tmp_path / "bench"), "/abs")
