import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import hash_file
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.hub.parcel import Parcel
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.publish.base import base_of
from loresmith.publish.expert import What, open_expert
from loresmith.publish.packing import Wish, pack

QWEN = "Qwen/Qwen2.5-3B-Instruct"


def packed(project: Project, what: What, *, base_id: str | None = QWEN, **wish: Any) -> Parcel:
    expert = open_expert(project)
    return finish(pack(expert, base_of(expert, base_id=base_id), Wish(what, "me/plant", **wish)))


def test_a_gguf_file_goes_out_under_the_name_of_its_repository_with_the_files_of_ollama(project: Project) -> None:
    parcel = packed(project, "gguf")
    assert list(parcel.files) == ["Modelfile", "README.md", "params", "plant-Q4_K_M.gguf", "system", "template"]
    weights = project.path / "export" / "model.gguf"
    assert (parcel.files["plant-Q4_K_M.gguf"].source, parcel.files["plant-Q4_K_M.gguf"].sha256) == (
        weights, hash_file(weights),
    )  # fmt: skip
    assert parcel.files["Modelfile"].read().startswith(b"FROM ./plant-Q4_K_M.gguf\nTEMPLATE ")
    assert not parcel.files["template"].read().endswith(b"<|im_start|>assistant\n\n")
    assert parcel.license == "qwen-research"
    assert list(parcel.left_behind) == ["manifest.json"]


def test_an_adapter_names_its_base_as_the_hub_does_and_leaves_its_log_here(project: Project) -> None:
    parcel = packed(project, "adapter")
    assert list(parcel.files) == ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    told = json.loads(parcel.files["adapter_config.json"].read())
    assert (told["base_model_name_or_path"], told["r"]) == (QWEN, 4)
    assert "log.jsonl" in parcel.left_behind
    assert b"tiny" not in parcel.files["adapter_config.json"].read()


def test_an_adapter_whose_base_nobody_could_find_stays_here(project: Project) -> None:
    with pytest.raises(UserError, match="nobody could load it") as caught:
        packed(project, "adapter", base_id=None)
    assert "--base-model" in caught.value.next_step


@pytest.mark.parametrize("base_id", ["Qwen", "a/b/c", "../x", "a b/c"])
def test_a_base_that_can_be_no_id_is_refused(project: Project, base_id: str) -> None:
    with pytest.raises(UserError, match="is no id of a model on the Hub"):
        packed(project, "gguf", base_id=base_id)


def test_a_merged_model_is_made_once_and_is_whole(project: Project) -> None:
    parcel = packed(project, "merged")
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"} <= set(
        parcel.files
    )
    written = (project.path / "merged" / "manifest.json").stat().st_mtime_ns
    assert packed(project, "merged").files == parcel.files
    assert (project.path / "merged" / "manifest.json").stat().st_mtime_ns == written


def test_the_licence_of_the_base_goes_along(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "LICENSE").write_text("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT", encoding="utf-8")
    expert = open_expert(project)
    base = base_of(expert, base_id="a/b").__class__("a/b", "a/b", None, folder, base_of(expert).licence)
    parcel = finish(pack(expert, base, Wish("adapter", "me/plant")))
    assert parcel.files["LICENSE"].read() == (folder / "LICENSE").read_bytes()


def test_a_file_that_was_changed_does_not_go_out(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is checked by its size when the artifact is opened; before it goes out it is read."""
    monkeypatch.setattr("loresmith.artifact.HASHED_ON_OPEN_BYTES", 1_000_000)
    weights = project.path / "export" / "model.gguf"
    with weights.open("r+b") as file:
        file.seek(1000)
        file.write(b"other")
    with pytest.raises(ArtifactCorrupt, match="is not the file that was written"):
        packed(project, "gguf")


def test_a_card_edited_by_hand_goes_out_as_it_is_if_it_names_a_licence(project: Project, tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("---\nlicense: mit\n---\n# Mine\n", encoding="utf-8")
    parcel = packed(project, "gguf", card_file=mine, only_card=True)
    assert (list(parcel.files), parcel.license) == (["README.md"], "mit")
    assert parcel.files["README.md"].read() == mine.read_bytes()
    mine.write_text("---\ntitle: x\n---\n", encoding="utf-8")
    with pytest.raises(UserError, match="names no licence"):
        packed(project, "gguf", card_file=mine)
    mine.write_text("# No head\n", encoding="utf-8")
    with pytest.raises(UserError, match="is no card"):
        packed(project, "gguf", card_file=mine)


def test_without_an_export_the_verb_that_makes_it_is_named(project: Project) -> None:
    (project.path / "export" / "manifest.json").unlink()
    with pytest.raises(UserError, match="is not there yet") as caught:
        packed(project, "gguf")
    assert "loresmith export" in caught.value.next_step
