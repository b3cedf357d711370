import json
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.sizing.source import planned


def test_a_known_model_needs_no_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = planned("Qwen/Qwen2.5-3B-Instruct")
    assert (found.name, found.licence.spelt) == ("Qwen/Qwen2.5-3B-Instruct", "qwen-research")
    assert found.shape.layers == 36


def test_a_folder_and_its_configuration_are_the_same_model(tiny_model: Path) -> None:
    folder, file = planned(str(tiny_model)), planned(str(tiny_model / "config.json"))
    assert folder.shape == file.shape
    assert folder.is_local


def test_a_configuration_alone_is_enough(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "config.json").write_text((tiny_model / "config.json").read_text(encoding="utf-8"), encoding="utf-8")
    assert not planned(str(tmp_path)).is_local


def test_the_starter_is_here() -> None:
    assert planned("starter").is_local


def test_a_model_that_also_sees_is_planned_by_its_language_part(tmp_path: Path, tiny_model: Path) -> None:
    inner = json.loads((tiny_model / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "seer", "text_config": inner}), encoding="utf-8")
    assert planned(str(tmp_path)).shape == planned(str(tiny_model)).shape


@pytest.mark.parametrize("base", ["someone/unheard-of", "model.gguf", "not a name"])
def test_an_unknown_model_is_an_error_with_a_next_step(base: str) -> None:
    with pytest.raises(UserError):
        planned(base)


def test_a_damaged_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"config\.json cannot be read"):
        planned(str(tmp_path))
