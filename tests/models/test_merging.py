from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from loresmith.errors import MachineError, UserError
from loresmith.models import lora_weights
from loresmith.models.lora_weights import NO_UPDATE, LoraWeights
from loresmith.models.merging import MergedWeights, merge_to_folder, require_space
from loresmith.models.weights import quiet


@pytest.fixture(scope="module")
def base(sixteen_bit_model: Path) -> Path:
    return sixteen_bit_model


@pytest.fixture(scope="module")
def adapt(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def adapt(**changes: object) -> Path:
        folder = tmp_path_factory.mktemp("adapter")
        settings = {"r": 4, "lora_alpha": 6, "target_modules": "all-linear"} | changes
        with quiet():
            model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(**settings))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2)
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.data = torch.randn_like(weight) * 0.1
            model.save_pretrained(folder)
        return folder

    return adapt


def merged(base: Path, adapter: Path, target: Path) -> dict[str, torch.Tensor]:
    for _ in merge_to_folder(base, lora_weights.read(adapter), target):
        pass
    return {name: tensor for file in target.glob("*.safetensors") for name, tensor in load_file(file).items()}


@pytest.mark.parametrize("changes", [{}, {"use_rslora": True}, {"target_modules": ["q_proj", "down_proj"], "r": 3}])
def test_the_merged_folder_holds_what_peft_merges(
    base: Path, adapt: Callable[..., Path], tmp_path: Path, changes: dict[str, object]
) -> None:
    adapter = adapt(**changes)
    ours = merged(base, adapter, tmp_path / "merged")
    with quiet():
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16), adapter)
        theirs = model.merge_and_unload().state_dict()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name
    untouched = {name for file in base.glob("*.safetensors") for name in load_file(file)}
    assert ours.keys() == untouched


def test_dora_is_merged_as_peft_merges_it(base: Path, adapt: Callable[..., Path]) -> None:
    adapter = adapt(use_dora=True)
    tensors = load_file(adapter / "adapter_model.safetensors")
    lengths = {name: tensor * 1.5 for name, tensor in tensors.items() if name.endswith("magnitude_vector")}
    save_file(tensors | lengths, adapter / "adapter_model.safetensors", metadata={"format": "pt"})
    with quiet():
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), adapter)
        theirs = model.merge_and_unload().state_dict()
    assert len(lengths) == 14
    with MergedWeights(base, lora_weights.read(adapter)) as weights:
        for name in lora_weights.read(adapter).pairs:
            ours = torch.cat(list(weights.blocks(name, torch.float32)))
            assert torch.allclose(ours, theirs[name], atol=1e-5), name


def test_dora_without_its_lengths_is_refused(adapt: Callable[..., Path]) -> None:
    adapter = adapt(use_dora=True)
    tensors = load_file(adapter / "adapter_model.safetensors")
    short = {name: tensor for name, tensor in tensors.items() if "layers.0.mlp.up_proj.lora_mag" not in name}
    save_file(short, adapter / "adapter_model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="DoRA"):
        lora_weights.read(adapter)


def test_the_merged_folder_keeps_shards_and_precision_and_loads(
    base: Path, adapt: Callable[..., Path], tmp_path: Path
) -> None:
    ours = merged(base, adapt(), tmp_path / "merged")
    assert {tensor.dtype for tensor in ours.values()} == {torch.bfloat16}
    assert {f.name for f in (tmp_path / "merged").glob("*.safetensors")} == {f.name for f in base.glob("*.safetensors")}
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    name = "model.layers.0.mlp.up_proj.weight"
    assert torch.equal(loaded.state_dict()[name].to(torch.bfloat16), ours[name])


def test_a_base_wider_than_sixteen_bits_is_rounded_to_float16(tiny_model: Path, tmp_path: Path) -> None:
    for _ in merge_to_folder(tiny_model, NO_UPDATE, tmp_path, dtype=lambda weights: weights.sixteen_bit):
        pass
    original, rounded = (load_file(folder / "model.safetensors") for folder in (tiny_model, tmp_path))
    assert all(torch.equal(rounded[name], tensor.half()) for name, tensor in original.items())
    assert AutoModelForCausalLM.from_pretrained(tmp_path).dtype == torch.float16


def test_rows_in_another_order_carry_their_own_update(base: Path, adapt: Callable[..., Path]) -> None:
    name = "model.layers.1.self_attn.q_proj.weight"
    order = torch.arange(63, -1, -1)
    with MergedWeights(base, lora_weights.read(adapt())) as weights:
        straight = torch.cat(list(weights.blocks(name, torch.float32)))
        turned = torch.cat(list(weights.blocks(name, torch.float32, order)))
    assert torch.equal(turned, straight.flip(0))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"modules_to_save": ["norm"]}, "modules_to_save"),
        ({"bias": "all"}, "biases"),
        ({"rank_pattern": {"q_proj": 2}}, "per layer"),
        ({"init_lora_weights": "pissa"}, "changes the base"),
    ],
)
def test_what_is_no_plain_lora_is_refused(adapt: Callable[..., Path], changes: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        lora_weights.read(adapt(**changes))


def test_an_adapter_of_another_shape_or_layer_is_refused(base: Path) -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    for key, columns in ((name, 65), (name.replace("0", "7"), 64)):
        lora = LoraWeights(1.0, {key: (torch.zeros(2, columns), torch.zeros(128, 2))})
        with pytest.raises(UserError, match="trained on"), MergedWeights(base, lora):
            pass


def test_a_quantised_base_is_refused_with_the_way_out(tiny_model: Path, tmp_path: Path) -> None:
    tensors = load_file(tiny_model / "model.safetensors")
    tensors["model.norm.weight"] = tensors["model.norm.weight"].to(torch.uint8)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="quantised base"), MergedWeights(tmp_path):
        pass


@pytest.mark.parametrize("content", [None, b"", b"\x10\0\0\0\0\0\0\0garbage"])
def test_damaged_weights_are_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(UserError, match="safetensors"):
        MergedWeights(tmp_path)


def test_damaged_adapters_are_one_clear_error(adapt: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_bytes((adapt() / "adapter_config.json").read_bytes())
    (tmp_path / "adapter_model.safetensors").write_bytes(b"\0" * 7)
    with pytest.raises(UserError, match=r"adapter_model\.safetensors"):
        lora_weights.read(tmp_path)
    (tmp_path / "adapter_config.json").write_text("[]")
    with pytest.raises(UserError, match="adapter configuration"):
        lora_weights.read(tmp_path)


def test_a_disk_without_room_is_refused_beforehand(tmp_path: Path) -> None:
    require_space(tmp_path, 1000)
    with pytest.raises(MachineError, match="MB are needed"):
        require_space(tmp_path, 1 << 60)
