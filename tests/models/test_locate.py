import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.models import locate
from loresmith.models.locate import ModelSource, find, identity


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model to spoil."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def set_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_folder_is_found_under_its_own_name(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(str(model)) == ModelSource("folder", model, "model")
    monkeypatch.chdir(model)
    assert find(".").name == "model"


def test_the_starter_comes_with_the_package() -> None:
    found = find("starter")
    assert (found.kind, found.name) == ("starter", "starter")
    assert locate.configuration(found)["model_type"] == "qwen2"


def test_a_gguf_file_is_found_and_a_false_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    with pytest.raises(UserError, match="There is no file"):
        find(str(path))
    path.write_bytes(b"GGUF\3\0\0\0")
    assert find(str(path)) == ModelSource("gguf", path, "model.gguf")
    path.write_bytes(b"nothing like it")
    with pytest.raises(UserError, match="is no GGUF file"):
        find(str(path))


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no config\.json"):
        find(str(tmp_path))


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("hello")
    with pytest.raises(UserError, match="is a file, not a model"):
        find(str(tmp_path / "model.txt"))


def test_an_adapter_is_told_from_a_base(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UserError, match="holds an adapter, not a base model"):
        find(str(tmp_path))


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"model_type": 3}', "\ufeff"])
def test_a_damaged_config_is_refused(model: Path, content: str) -> None:
    (model / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"config\.json"):
        find(str(model))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth", "model.pt"])
def test_pickled_weights_alone_are_refused_with_the_way_out(model: Path, name: str) -> None:
    (model / "model.safetensors").rename(model / name)
    with pytest.raises(UserError, match="only as pickles") as fault:
        find(str(model))
    assert "Convert to safetensors" in fault.value.next_step


def test_pickled_weights_beside_safetensors_do_no_harm(model: Path) -> None:
    (model / "pytorch_model.bin").write_bytes(b"evil")
    assert find(str(model)).kind == "folder"


def test_missing_weights_are_refused(model: Path) -> None:
    (model / "model.safetensors").unlink()
    with pytest.raises(UserError, match="holds no weights"):
        find(str(model))


def test_a_missing_shard_is_named(model: Path) -> None:
    (model / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}})
    )
    with pytest.raises(UserError, match=r"lacks model-00002-of-00002\.safetensors"):
        find(str(model))


def test_a_damaged_shard_index_is_refused(model: Path) -> None:
    (model / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(UserError, match=r"index\.json cannot be read"):
        find(str(model))


def test_a_pointer_of_git_lfs_is_not_taken_for_weights(model: Path) -> None:
    (model / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(UserError, match="Git LFS pointer"):
        find(str(model))


def test_a_missing_tokenizer_is_refused(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="has no tokenizer"):
        find(str(model))


def test_a_layout_that_needs_remote_code_is_refused(model: Path) -> None:
    set_config(model, model_type="brandnew", auto_map={"AutoModelForCausalLM": "modeling.BrandNew"})
    with pytest.raises(UserError, match="that is never run"):
        find(str(model))


def test_a_known_layout_is_taken_without_its_remote_code(model: Path) -> None:
    set_config(model, auto_map={"AutoModelForCausalLM": "modeling.Other"})
    assert find(str(model)).kind == "folder"


@pytest.mark.parametrize("base", ["./nowhere", "/nowhere/at/all", "a/b/c", "", "two words"])
def test_what_is_neither_there_nor_a_hub_id_is_refused(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError):
        find(base)


def test_the_identity_does_not_depend_on_the_place(tiny_model: Path, model: Path) -> None:
    assert identity(find(str(tiny_model))) == identity(find(str(model)))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"])
def test_the_identity_changes_with_every_file_that_matters(model: Path, name: str) -> None:
    before = identity(find(str(model)))
    raw = bytearray((model / name).read_bytes())
    raw[-2] ^= 1
    (model / name).write_bytes(bytes(raw))
    assert identity(ModelSource("folder", model, "model")) != before


def test_the_identity_ignores_what_does_not_matter(model: Path) -> None:
    before = identity(find(str(model)))
    (model / "README.md").write_text("hello")
    assert identity(find(str(model))) == before


def test_large_weights_are_told_apart_by_samples(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "HASHED_WHOLE_BYTES", 1 << 20)
    monkeypatch.setattr(locate, "HEADER_BYTES", 1 << 10)
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + bytes(8 << 20))
    before = identity(ModelSource("folder", model, "model"))
    size = weights.stat().st_size
    with weights.open("r+b") as file:
        file.seek(size - 7)
        file.write(b"\1")
    assert identity(ModelSource("folder", model, "model")) != before


def test_the_identity_of_a_gguf_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    for name, content in (("a.gguf", b"GGUF1"), ("b.gguf", b"GGUF1"), ("c.gguf", b"GGUF2")):
        (tmp_path / name).write_bytes(content)
    a, b, c = (identity(find(str(tmp_path / name))) for name in ("a.gguf", "b.gguf", "c.gguf"))
    assert a == b != c


def test_finding_a_model_loads_nothing_heavy(model: Path, build_tiny_model: Callable[..., Path]) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from loresmith.models import locate; locate.identity(locate.find(sys.argv[1]));"
        "print([name for name in ('torch', 'transformers', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
