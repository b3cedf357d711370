"""The stage as the pipeline runs it."""

import resource
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pydantic import BaseModel

from loresmith import artifact, export
from loresmith.artifact import Artifact, Plan
from loresmith.errors import MachineError, UserError
from loresmith.models.locate import ModelSource
from loresmith.models.merging import MergedWeights
from loresmith.models.weights import load_model
from loresmith.progress import finish
from loresmith.recipe import ExportConfig, ModelConfig, TrainConfig
from loresmith.recipe.settings import ExportSettings, TrainSettings
from loresmith.records import Progress


class Nothing(BaseModel):
    """Settings of a stage that has none."""


def adapter_artifact(source: Path, target: Path) -> Artifact:
    plan = Plan("train", Nothing())
    with artifact.create(target, plan) as draft:
        for file in source.iterdir():
            (draft.path / file.name).write_bytes(file.read_bytes())
    return artifact.read(target, made_by="train")


@pytest.fixture
def plan(qwen2: Path, fit_adapter: Callable[..., Path], tmp_path: Path) -> Plan:
    settings = ExportSettings(model=ModelConfig(base=str(qwen2)), export=ExportConfig(num_ctx=4096))
    return Plan("export", settings, {"train": adapter_artifact(fit_adapter(qwen2), tmp_path / "adapter")})


def test_the_artifact_holds_the_file_and_its_modelfile_and_nothing_else(plan: Plan, tmp_path: Path) -> None:
    heard: list[Progress] = []
    made = finish(export.run(plan, tmp_path / "export"), heard.append)
    assert set(made.manifest.files) == {"model.gguf", "Modelfile"}
    assert [step.done for step in heard] == list(range(1, made.manifest.counts["tensors"] + 1))
    assert heard[-1].total == made.manifest.counts["tensors"]
    assert made.manifest.notes["tensors_merged"] == 14
    assert made.manifest.notes["stop_token"] == "<|im_end|>"


def test_a_second_run_gives_the_same_content(plan: Plan, tmp_path: Path) -> None:
    first = finish(export.run(plan, tmp_path / "first"))
    assert finish(export.run(plan, tmp_path / "second")).manifest.content == first.manifest.content


def test_the_window_is_never_wider_than_the_model(plan: Plan, tmp_path: Path) -> None:
    made = finish(export.run(plan, tmp_path / "export"))
    assert "PARAMETER num_ctx 512\n" in (made / "Modelfile").read_text()


def test_an_adapter_of_another_base_is_refused_and_the_old_file_stays(
    plan: Plan, llama: Path, tmp_path: Path, fit_adapter: Callable[..., Path]
) -> None:
    old = finish(export.run(plan, tmp_path / "export")).manifest.content
    foreign = fit_adapter(llama, target_modules=["q_proj"])
    wrong = Plan("export", plan.settings, {"train": adapter_artifact(foreign, tmp_path / "other")})
    other_base = ExportSettings(model=ModelConfig(base=str(llama)), export=ExportConfig())
    finish(export.run(Plan("export", other_base, wrong.parents), tmp_path / "fits"))
    tall = adapter_artifact(_widened(foreign, tmp_path / "wide"), tmp_path / "wide-adapter")
    with pytest.raises(UserError, match="trained on"):
        finish(export.run(Plan("export", plan.settings, {"train": tall}), tmp_path / "export"))
    assert artifact.read(tmp_path / "export", made_by="export").manifest.content == old


def test_a_full_disk_leaves_the_old_file_and_the_next_try_goes_on(plan: Plan, tmp_path: Path) -> None:
    old = finish(export.run(plan, tmp_path / "export")).manifest.content
    wider = plan.settings.model_copy(update={"export": ExportConfig(quantization="f16")})
    larger = Plan("export", wider, plan.parents)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(MachineError, match="no file this large"):
            finish(export.run(larger, tmp_path / "export"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert artifact.read(tmp_path / "export", made_by="export").manifest.content == old
    heard: list[Progress] = []
    made = finish(export.run(larger, tmp_path / "export"), heard.append)
    assert heard[0].done > 1
    assert made.manifest.content == finish(export.run(larger, tmp_path / "undisturbed")).manifest.content
    assert set(made.manifest.files) == {"model.gguf", "Modelfile"}


def test_the_merged_model_and_the_adapter_are_written_on_request(plan: Plan, qwen2: Path, tmp_path: Path) -> None:
    asked = ExportSettings(model=ModelConfig(base=str(qwen2)), export=ExportConfig(also=("merged", "adapter")))
    made = finish(export.run(Plan("export", asked, plan.parents), tmp_path / "export"))
    sides = {file.name for file in qwen2.iterdir()}
    assert {"config.json", "generation_config.json", "chat_template.jinja", "tokenizer.json"} <= sides
    assert set(made.manifest.files) == {
        "model.gguf",
        "Modelfile",
        "adapter.gguf",
        *(f"merged/{name}" for name in sides),
    }
    with MergedWeights(qwen2) as base, MergedWeights(made / "merged") as merged:
        assert {name: file.name for name, file in merged.shards.items()} == {
            name: file.name for name, file in base.shards.items()
        }
        assert {merged.stored(name) for name in merged.shards} == {torch.bfloat16}
    assert load_model(ModelSource("folder", made / "merged", "merged"), "auto").config.num_hidden_layers == 2


def test_too_little_space_or_memory_is_said_before_anything_is_written(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loresmith.models.memory.available_bytes", lambda: 1 << 20)
    with pytest.raises(MachineError, match="of memory, 1 MB are free"):
        finish(export.run(plan, tmp_path / "export"))
    assert not list(tmp_path.rglob("*.gguf"))


def _widened(adapter: Path, target: Path) -> Path:
    """The adapter as if its base had been twice as wide."""
    import torch
    from safetensors.torch import load_file, save_file

    target.mkdir()
    tensors = load_file(adapter / "adapter_model.safetensors")
    wide = {name: torch.cat([t, t], 1) if "lora_A" in name else t for name, t in tensors.items()}
    save_file(wide, target / "adapter_model.safetensors")
    (target / "adapter_config.json").write_bytes((adapter / "adapter_config.json").read_bytes())
    return target


def test_a_model_whose_every_weight_was_trained_is_exported_as_it_is(plan: Plan, qwen2: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tuned = tmp_path / "tuned"
    tuned.mkdir()
    for file in qwen2.iterdir():
        (tuned / file.name).write_bytes(file.read_bytes())
    for shard in tuned.glob("*.safetensors"):
        save_file({name: tensor * 2 for name, tensor in load_file(shard).items()}, shard, metadata={"format": "pt"})
    whole = Plan("export", plan.settings, {"train": adapter_artifact(tuned, tmp_path / "full")})
    made = finish(export.run(whole, tmp_path / "export"))
    assert made.manifest.notes["all_weights_trained"]
    base = ExportSettings(model=ModelConfig(base=str(tuned)), export=ExportConfig(num_ctx=4096))
    as_base = Plan("export", base, {"train": adapter_artifact(tuned, tmp_path / "again")})
    same = finish(export.run(as_base, tmp_path / "same"))
    ours, theirs = (made / "model.gguf").read_bytes(), (same / "model.gguf").read_bytes()
    assert ours.replace(b"qwen2", b"tuned") == theirs.replace(b"qwen2", b"tuned")  # but for the name of the base


@pytest.mark.parametrize(
    ("method", "said"), [("lora", "the 16-bit base"), ("qlora", "not the 4-bit one"), ("full", "every weight")]
)
def test_the_notes_say_what_was_merged_into_what(
    method: str, said: str, plan: Plan, qwen2: Path, fit_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    settings = TrainSettings(model=ModelConfig(base=str(qwen2)), train=TrainConfig.model_validate({"method": method}))
    with artifact.create(tmp_path / "trained", Plan("train", settings)) as draft:
        for file in fit_adapter(qwen2).iterdir():
            (draft.path / file.name).write_bytes(file.read_bytes())
    trained = artifact.read(tmp_path / "trained", made_by="train")
    made = finish(export.run(Plan("export", plan.settings, {"train": trained}), tmp_path / "export"))
    assert said in made.manifest.notes["merged_into"]
