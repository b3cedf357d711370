from pathlib import Path

import pytest

from loresmith.errors import RecipeError
from loresmith.recipe.experts import is_roster, load_roster

TWO = "experts: [{name: a, project: runs/a, adapter: b/c}, {name: b, project: /srv/b}]\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "experts.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_folders_are_seen_from_where_the_file_lies(tmp_path: Path) -> None:
    first, second = load_roster(written(tmp_path, TWO)).experts
    assert (first.project, first.adapter) == (str(tmp_path / "runs/a"), str(tmp_path / "b/c"))
    assert (second.project, second.adapter) == ("/srv/b", None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("experts: []", "at least 1"),
        ("experts: [{name: a, project: x}, {name: a, project: y}]", "a is named twice"),
        ("experts: [{name: auto, project: x}]", "auto is a name of its own"),
        ("experts: [{name: A b, project: x}]", "should match pattern"),
        ("experts: [{name: a, project: x, keywords: ['--']}]", "has no letter or digit"),
        ("experts: [{name: a, project: x, keyword: y}]", "did you mean 'keywords'"),
        (TWO + "router: {abstention: 0.02}", "far is a part of abstention"),
        (TWO + "router: {abstension: 0.02}", "did you mean 'abstention'"),
        ("- a\n", "holds no keys"),
        ("a: [", "is no YAML file"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(RecipeError, match=fault):
        load_roster(written(tmp_path, text))


def test_a_recipe_with_experts_of_its_own_is_no_roster(tmp_path: Path, repository: Path) -> None:
    assert is_roster(written(tmp_path, TWO))
    assert not is_roster(repository / "recipes" / "domain-experts.yaml")
    assert not is_roster(tmp_path)
    assert not is_roster(written(tmp_path, "a: ["))
