from pathlib import Path

import pytest

from loresmith.sizing import known, licences

CARD = "---\nlicense: {licence}\nlanguage: en\n{more}---\n# A model\nlicense: mit\n"


def card(folder: Path, licence: str, more: str = "") -> Path:
    (folder / "README.md").write_text(CARD.format(licence=licence, more=more), encoding="utf-8")
    return folder


def test_the_card_says_the_licence_in_its_front_matter_alone(tmp_path: Path) -> None:
    assert licences.from_card(card(tmp_path, "'apache-2.0'")) == "apache-2.0"


def test_a_named_licence_goes_before_other(tmp_path: Path) -> None:
    assert licences.from_card(card(tmp_path, "other", "license_name: qwen-research\n")) == "qwen-research"


def test_a_folder_without_a_card_or_front_matter_states_nothing(tmp_path: Path) -> None:
    assert licences.from_card(tmp_path) is None
    (tmp_path / "README.md").write_text("# A model\nlicense: mit\n", encoding="utf-8")
    assert licences.from_card(tmp_path) is None


def test_a_card_of_an_adapter_without_a_licence_states_nothing(shared_data: Path) -> None:
    assert licences.from_card(shared_data / "models" / "qwen2.5_3b_instruct_adapter") is None


def test_a_research_licence_is_called_one_and_open_models_of_its_size_are_named() -> None:
    assert "not for commercial use" in licences.meaning("qwen-research")
    others = licences.alternatives("qwen-research", 3_085_938_688)
    assert others[0] == "Qwen/Qwen3-4B"
    assert {"Qwen/Qwen2.5-1.5B", "Qwen/Qwen2.5-7B"} <= set(others)
    assert all(known.SHAPES[name][1] == "apache-2.0" for name in others)


def test_llama_is_under_its_community_licence() -> None:
    assert "community licence" in licences.meaning("llama3.2")


@pytest.mark.parametrize("licence", ["apache-2.0", "mit"])
def test_an_open_licence_needs_no_alternative(licence: str) -> None:
    assert licences.alternatives(licence, 10**9) == []


def test_an_unknown_licence_is_not_called_open() -> None:
    assert "read its terms" in licences.meaning("gemma")
    assert "not stated" in licences.meaning(None)
