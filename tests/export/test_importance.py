"""What an importance matrix does to a file, and what keeps files of different matrices apart."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGUFReader

from loresmith.export import gguf_file, importance, journal, shipping
from loresmith.export.importance import Importance
from loresmith.export.shipping import Shipment
from loresmith.models import lora_weights
from loresmith.models.merging import MergedWeights
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

TEXTS = [(1, 2, 3), (4, 5)]


@pytest.fixture(scope="module")
def prepare(
    qwen2: Path, fit_adapter: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Shipment]:
    adapter = lora_weights.read(fit_adapter(qwen2))

    def make(quantization: str = "q4_k_m") -> Shipment:
        export = ExportConfig.model_validate({"quantization": quantization, "importance": "training"})
        settings = ExportSettings(model=ModelConfig(base=str(qwen2)), export=export)
        return shipping.prepare(settings, adapter, tmp_path_factory.mktemp("space"))

    return make


def measured(shipment: Shipment, path: Path, seed: int = 0, *, idle: bool = False) -> Importance:
    """A matrix in which columns differ by orders of magnitude, as those of real models do."""
    rng = torch.Generator().manual_seed(seed)
    sums = {
        tensor.name: torch.randn(tensor.shape[1], generator=rng).mul(2).exp().double()
        for tensor in shipment.planned
        if tensor.name.startswith("blk.") and len(tensor.shape) == 2
    }
    if idle:
        sums = {name: torch.zeros_like(total) for name, total in sums.items()}
    importance.save(path, sums, TEXTS, f"seed {seed}")
    return importance.read(path)


def written(shipment: Shipment, path: Path, matrix: Importance = importance.NONE) -> dict[str, Any]:
    assert list(shipping.write(shipment, path, matrix))
    return {tensor.name: tensor for tensor in GGUFReader(path).tensors}


def test_what_is_saved_is_the_sum_and_what_is_read_is_the_mean_over_tokens(tmp_path: Path) -> None:
    path = tmp_path / "importance.gguf"
    importance.save(path, {"blk.0.attn_q.weight": torch.tensor([1.0, 10.0], dtype=torch.float64)}, TEXTS, "here")
    assert list(tmp_path.iterdir()) == [path]
    stored = {tensor.name: tensor.data.reshape(-1).tolist() for tensor in GGUFReader(path).tensors}
    assert stored == {"blk.0.attn_q.weight.in_sum2": [1.0, 10.0], "blk.0.attn_q.weight.counts": [5.0]}
    matrix = importance.read(path)
    assert matrix.columns["blk.0.attn_q.weight"].tolist() == [np.float32(0.2), 2.0]
    assert (matrix.tokens, matrix.texts) == (5, 2)
    assert importance.is_of(path, "here")
    assert not importance.is_of(path, "there")
    assert not importance.is_of(tmp_path / "absent.gguf", "here")


def test_another_model_other_texts_and_another_precision_are_another_origin() -> None:
    origins = [("a", TEXTS, "cpu"), ("b", TEXTS, "cpu"), ("a", [(1, 2), (3, 4, 5)], "cpu"), ("a", TEXTS, "cuda")]
    assert len({importance.origin(*parts) for parts in origins}) == len(origins)
    assert importance.origin("a", TEXTS, "cpu") == importance.origin("a", list(map(list, TEXTS)), "cpu")


@pytest.mark.parametrize("quantization", ["q4_k_m", "q5_k_m", "q6_k", "q4_0"])
def test_the_weighted_error_of_each_matrix_falls_and_the_rest_stays(
    prepare: Callable[..., Shipment], quantization: str, tmp_path: Path
) -> None:
    shipment = prepare(quantization)
    matrix = measured(shipment, tmp_path / "importance.gguf")
    plain, weighed = written(shipment, tmp_path / "a.gguf"), written(shipment, tmp_path / "b.gguf", matrix)
    with MergedWeights(shipment.tuned.weights, shipment.tuned.lora) as weights:
        for tensor in shipment.planned:
            before, after = plain[tensor.name], weighed[tensor.name]
            if not importance.weighs(tensor):
                assert before.data.tobytes() == after.data.tobytes()
                continue
            assert tensor.source is not None
            exact = torch.cat(list(weights.blocks(tensor.source, weights.sixteen_bit))).float().numpy()
            cost = matrix.columns[tensor.name].numpy()
            errors = [
                float((cost * (gguf.quants.dequantize(t.data, t.tensor_type) - exact) ** 2).sum())
                for t in (before, after)
            ]
            assert errors[1] < 0.97 * errors[0], tensor.name
    assert {tensor.name for tensor in shipment.planned if importance.weighs(tensor)} == set(matrix.columns)


def test_types_that_take_no_heed_want_no_matrix_and_give_the_same_tensors(
    prepare: Callable[..., Shipment], tmp_path: Path
) -> None:
    for quantization in ("q8_0", "f16", "bf16"):
        shipment = prepare(quantization)
        assert not shipment.wants_importance
        matrix = measured(shipment, tmp_path / "importance.gguf")
        plain = written(shipment, tmp_path / f"{quantization}-a.gguf")
        weighed = written(shipment, tmp_path / f"{quantization}-b.gguf", matrix)
        assert {name: t.data.tobytes() for name, t in plain.items()} == {
            name: t.data.tobytes() for name, t in weighed.items()
        }
    assert prepare("q4_0").wants_importance


def test_columns_that_nothing_ever_enters_leave_numbers(prepare: Callable[..., Shipment], tmp_path: Path) -> None:
    for quantization in ("q4_k_m", "q6_k", "q4_0"):
        shipment = prepare(quantization)
        matrix = measured(shipment, tmp_path / "importance.gguf", idle=True)
        for tensor in written(shipment, tmp_path / f"{quantization}.gguf", matrix).values():
            assert np.isfinite(gguf.quants.dequantize(tensor.data, tensor.tensor_type)).all()


def test_the_file_says_what_was_used(prepare: Callable[..., Shipment], tmp_path: Path) -> None:
    shipment = prepare()
    written(shipment, tmp_path / "a.gguf", measured(shipment, tmp_path / "importance.gguf"))
    fields = {name: field.contents() for name, field in GGUFReader(tmp_path / "a.gguf").fields.items()}
    assert fields["quantize.imatrix.entries_count"] == 14
    assert fields["quantize.imatrix.chunks_count"] == 2
    written(shipment, tmp_path / "b.gguf")
    assert not any("imatrix" in name for name in GGUFReader(tmp_path / "b.gguf").fields)


def test_a_stopped_export_goes_on_with_its_own_matrix_and_begins_anew_with_another(
    prepare: Callable[..., Shipment], tmp_path: Path
) -> None:
    shipment = prepare()
    first, second = (measured(shipment, tmp_path / f"{seed}.gguf", seed) for seed in (1, 2))
    assert first.digest != second.digest
    whole = tmp_path / "whole.gguf"
    written(shipment, whole, second)
    path = tmp_path / "model.gguf"
    for matrix, expected in ((second, 8), (first, 1), (importance.NONE, 1)):
        steps = shipping.write(shipment, path, matrix)
        while next(steps).done < 7:
            pass
        steps.close()
        resumed = [step.done for step in shipping.write(shipment, path, second)]
        assert resumed[0] == expected
        assert not journal.beside(path).exists()
        assert path.read_bytes() == whole.read_bytes()
        path.unlink()


def test_only_q4_0_takes_other_types_with_a_matrix(prepare: Callable[..., Shipment]) -> None:
    for quantization, differs in (("q4_0", True), ("q4_k_m", False)):
        shipment = prepare(quantization)
        deep = dataclasses.replace(shipment.layout, layers=16)
        with MergedWeights(shipment.tuned.weights, shipment.tuned.lora) as weights:
            with_matrix = gguf_file.plan(weights, deep, shipment.settings.export.quantization, has_importance=True)
            without = gguf_file.plan(weights, deep, shipment.settings.export.quantization)
        assert (with_matrix != without) == differs
