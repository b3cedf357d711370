from pathlib import Path

import pytest

from loresmith.licences import Licence, licence_files, licence_of


@pytest.mark.parametrize(
    ("base", "identifier", "name"),
    [
        ("Qwen/Qwen2.5-3B-Instruct", "other", "qwen-research"),
        ("Qwen/Qwen2.5-Coder-3B", "other", "qwen-research"),
        ("Qwen/Qwen2.5-72B-Instruct", "other", "qwen"),
        ("Qwen/Qwen2.5-0.5B-Instruct", "apache-2.0", None),
        ("Qwen/Qwen3-4B", "apache-2.0", None),
        ("meta-llama/Llama-3.2-3B-Instruct", "llama3.2", None),
        ("meta-llama/Meta-Llama-3-8B", "llama3", None),
        ("meta-llama/Llama-2-7b-hf", "llama2", None),
        ("Qwen/Qwen2.5-VL-3B-Instruct", "unknown", None),
        ("somebody/Qwen2.5-3B-tuned", "unknown", None),
        ("qwen/qwen2.5-3b-INSTRUCT", "other", "qwen-research"),
        (None, "unknown", None),
    ],
)
def test_a_model_of_the_hub_has_the_licence_that_it_has_there(
    base: str | None, identifier: str, name: str | None
) -> None:
    found = licence_of(base, None)
    assert (found.id, found.name) == (identifier, name)


def test_what_the_base_says_itself_goes_before_what_is_known_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A model\n", encoding="utf-8")
    assert licence_of("Qwen/Qwen2.5-3B", tmp_path).id == "mit"
    assert licence_of("Qwen/Qwen2.5-3B", tmp_path, "cc-by-4.0").title == "Creative Commons Attribution 4.0"
    assert licence_of("Qwen/Qwen2.5-3B", tmp_path, "Gemma") == Licence("gemma")


def test_a_licence_of_its_own_keeps_its_name_and_only_a_link_to_the_web(tmp_path: Path) -> None:
    head = "license: other\nlicense_name: qwen-research\nlicense_link: {}\n"
    card = tmp_path / "README.md"
    card.write_text(f"---\n{head.format('https://x.example/LICENSE')}---\n", encoding="utf-8")
    found = licence_of(None, tmp_path)
    assert (found.id, found.name, found.link, found.is_open) == (
        "other", "qwen-research", "https://x.example/LICENSE", False,
    )  # fmt: skip
    card.write_text(f"---\n{head.format('javascript:alert(1)')}---\n", encoding="utf-8")
    assert licence_of("a/b", tmp_path).link == "https://huggingface.co/a/b/blob/main/LICENSE"


@pytest.mark.parametrize(
    ("text", "identifier", "name"),
    [
        ("Qwen RESEARCH LICENSE AGREEMENT\n\nRelease Date", "other", "qwen-research"),
        ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\n", "llama3.2", None),
        ("META LLAMA 3 COMMUNITY LICENSE AGREEMENT\n", "llama3", None),
        ("          Apache License\n     Version 2.0, January 2004\n", "apache-2.0", None),
        ("Do as you like.", "unknown", None),
    ],
)
def test_a_licence_file_is_known_by_its_title(tmp_path: Path, text: str, identifier: str, name: str | None) -> None:
    (tmp_path / "README.md").write_text("# No head\n", encoding="utf-8")
    (tmp_path / "LICENSE").write_text(text, encoding="utf-8")
    found = licence_of(None, tmp_path)
    assert (found.id, found.name) == (identifier, name)
    assert licence_files(tmp_path) == {"LICENSE": tmp_path / "LICENSE"}


def test_an_unknown_licence_is_said_to_be_unknown() -> None:
    assert not licence_of("a/b", None).is_known
    assert licence_of("a/b", None).shown == "unknown"


def test_only_the_head_of_a_card_says_the_licence(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("---\nlicense: 'apache-2.0'\n---\n# A model\nlicense: mit\n", encoding="utf-8")
    assert licence_of(None, tmp_path).spelt == "apache-2.0"
    card.write_text("# A model\nlicense: mit\n", encoding="utf-8")
    assert not licence_of(None, tmp_path).is_known


def test_a_card_of_an_adapter_without_a_licence_states_nothing(shared_data: Path) -> None:
    assert not licence_of(None, shared_data / "models" / "qwen2.5_3b_instruct_adapter").is_known


def test_a_research_licence_is_called_one() -> None:
    found = licence_of("Qwen/Qwen2.5-3B", None)
    assert (found.spelt, found.is_open) == ("qwen-research", False)
    assert "not for commercial use" in found.use


def test_only_what_is_known_to_be_open_is_called_open() -> None:
    assert all(licence_of(None, None, name).is_open for name in ("apache-2.0", "mit", "cc-by-sa-4.0"))
    assert not any(licence_of(None, None, name).is_open for name in ("gemma", "llama3.2", "cc-by-nc-4.0"))
