from pathlib import Path

import pytest

from loresmith.publish.licences import Licence, licence_files, licence_of


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
    assert licence_of("Qwen/Qwen2.5-3B", tmp_path, "cc-by-4.0") == Licence("cc-by-4.0")


def test_a_licence_of_its_own_keeps_its_name_and_only_a_link_to_the_web(tmp_path: Path) -> None:
    head = "license: other\nlicense_name: qwen-research\nlicense_link: {}\n"
    card = tmp_path / "README.md"
    card.write_text(f"---\n{head.format('https://x.example/LICENSE')}---\n", encoding="utf-8")
    found = licence_of(None, tmp_path)
    assert (found.id, found.name, found.link, found.restricts) == (
        "other", "qwen-research", "https://x.example/LICENSE", True,
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
