from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from loresmith.errors import UserError
from loresmith.export import shipping
from loresmith.models import lora_weights
from loresmith.models.lora_weights import LoraWeights
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings


@pytest.fixture
def prepared(llama: Path, fit_adapter: Callable[..., Path], tmp_path: Path) -> Callable[..., shipping.Shipment]:
    settings = ExportSettings(model=ModelConfig(base=str(llama)), export=ExportConfig())
    lora = lora_weights.read(fit_adapter(llama))

    def prepare(change: Callable[[LoraWeights], None] = lambda lora: None) -> shipping.Shipment:
        change(lora)
        return shipping.prepare(settings, lora, tmp_path)

    return prepare


@pytest.mark.parametrize("block", [256 * 24, 1 << 20])
def test_the_bytes_do_not_depend_on_the_number_of_threads(
    prepared: Callable[..., shipping.Shipment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("loresmith.models.merging.BLOCK_WEIGHTS", block)
    shipment, found = prepared(), set()
    for threads in (1, 2, 5):
        monkeypatch.setattr("loresmith.export.stream.usable_cores", lambda threads=threads: threads)
        path = tmp_path / f"{threads}.gguf"
        assert len(list(shipping.write(shipment, path))) == shipment.tensors
        found.add(path.read_bytes())
    assert len(found) == 1


def test_torch_has_its_threads_back_when_an_export_ends_or_fails(
    prepared: Callable[..., shipping.Shipment], tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        list(shipping.write(prepared(), tmp_path / "a.gguf"))
        assert torch.get_num_threads() == 3
        with pytest.raises(UserError, match=r"blk\.1\.attn_v"):
            list(shipping.write(prepared(_diverged), tmp_path / "b.gguf"))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def _diverged(lora: LoraWeights) -> None:
    lora.pairs["model.layers.1.self_attn.v_proj.weight"][1][3, 2] = float("nan")
