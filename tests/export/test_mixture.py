from typing import get_args

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, LlamaFileType

from loresmith.export.mixture import BLOCK, FILE_TYPE, Model, size_bytes, tensor_type
from loresmith.recipe.export import Quantization

TIED_3B = Model(layers=28, has_output=False)


def kinds(part: str, layers: int, quantization: Quantization = "q4_k_m", **changes: bool) -> list[str]:
    model = Model(layers, **({"has_output": True} | changes))
    return [tensor_type(f"blk.{layer}.{part}.weight", (512, 512), quantization, model) for layer in range(layers)]


def test_values_and_down_projections_get_more_bits_in_the_outer_eighths_and_every_third_layer_between() -> None:
    finer = {0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27}  # of 28: as `llama-quantize` prints for Llama-3.2-3B
    for part in ("attn_v", "ffn_down"):
        for quantization in ("q4_k_m", "q5_k_m"):
            found = kinds(part, 28, quantization)
            assert {layer for layer, kind in enumerate(found) if kind == "Q6_K"} == finer


@pytest.mark.parametrize("part", ["attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up"])
def test_the_other_matrices_of_a_layer_get_four_bits(part: str) -> None:
    assert set(kinds(part, 28)) == {"Q4_K"}


@pytest.mark.parametrize(
    ("quantization", "body", "head"),
    [
        ("q4_0", "Q4_0", "Q6_K"),
        ("q4_k_m", "Q4_K", "Q6_K"),
        ("q5_k_m", "Q5_K", "Q6_K"),
        ("q6_k", "Q6_K", "Q6_K"),
        ("q8_0", "Q8_0", "Q8_0"),
        ("f16", "F16", "F16"),
        ("bf16", "BF16", "BF16"),
    ],
)
def test_each_file_type_has_its_main_type_and_its_head(quantization: Quantization, body: str, head: str) -> None:
    own = Model(layers=28, has_output=True)
    assert tensor_type("blk.3.attn_q.weight", (512, 512), quantization, own) == body
    assert tensor_type("token_embd.weight", (999, 512), quantization, own) == body
    assert tensor_type("output.weight", (999, 512), quantization, own) == head
    assert tensor_type("token_embd.weight", (999, 512), quantization, TIED_3B) == head


def test_sizes_and_numbers_are_those_of_the_gguf_package() -> None:
    assert set(FILE_TYPE) == set(get_args(Quantization))
    for quantization, number in FILE_TYPE.items():
        assert LlamaFileType(number).name == f"MOSTLY_{quantization.upper()}"
    for kind, sizes in BLOCK.items():
        assert GGML_QUANT_SIZES[GGMLQuantizationType[kind]] == sizes


def test_only_an_importance_matrix_changes_the_first_down_projections_of_q4_0() -> None:
    assert set(kinds("ffn_down", 16, "q4_0")) == {"Q4_0"}
    assert kinds("ffn_down", 16, "q4_0", has_importance=True)[:3] == ["Q4_1", "Q4_1", "Q4_0"]
    assert set(kinds("attn_v", 16, "q4_0", has_importance=True)) == {"Q4_0"}


def test_an_embedding_that_is_also_the_head_is_quantised_as_a_head() -> None:
    assert tensor_type("token_embd.weight", (999, 512), "q4_k_m", TIED_3B) == "Q6_K"


def test_an_embedding_beside_a_head_of_its_own_gets_four_bits_and_the_head_six() -> None:
    model = Model(layers=28, has_output=True)
    assert tensor_type("token_embd.weight", (999, 512), "q4_k_m", model) == "Q4_K"
    assert tensor_type("output.weight", (999, 512), "q4_k_m", model) == "Q6_K"


def test_a_70b_model_spends_five_bits_where_others_spend_four_on_values() -> None:
    assert set(kinds("attn_v", 80)) == {"Q5_K", "Q6_K"}
    assert set(kinds("ffn_down", 80)) == {"Q4_K", "Q6_K"}
    assert set(kinds("attn_v", 80, "q5_k_m")) == {"Q5_K", "Q6_K"}
    assert set(kinds("attn_v", 80, shares_values=False)) == {"Q4_K", "Q6_K"}  # the first llama of 65B


@pytest.mark.parametrize(
    ("name", "quantization", "kind"),
    [
        ("blk.1.attn_q.weight", "q4_k_m", "Q5_0"),
        ("blk.0.attn_v.weight", "q4_k_m", "Q8_0"),
        ("token_embd.weight", "q4_k_m", "Q8_0"),
        ("blk.1.attn_q.weight", "q5_k_m", "Q5_1"),
        ("blk.1.attn_q.weight", "q6_k", "Q8_0"),
        ("blk.1.attn_q.weight", "q4_0", "Q4_0"),
        ("token_embd.weight", "q4_0", "Q8_0"),
    ],
)
def test_rows_of_896_weights_fall_back_to_blocks_of_32(name: str, quantization: Quantization, kind: str) -> None:
    assert tensor_type(name, (896, 896), quantization, Model(layers=24, has_output=False)) == kind


def test_the_shape_of_qwen_half_a_billion_needs_144_fallbacks_in_its_layers() -> None:
    model = Model(layers=24, has_output=False)
    columns = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up"), 896)
    columns["ffn_down"] = 4864
    found = [
        tensor_type(f"blk.{layer}.{part}.weight", (128, width), "q4_k_m", model)
        for layer in range(24)
        for part, width in columns.items()
    ]
    assert sum(kind in ("Q5_0", "Q8_0") for kind in found) == 144  # what llama-quantize reported for this shape


@pytest.mark.parametrize("quantization", ["q4_k_m", "q5_k_m", "q6_k", "q4_0", "q8_0", "f16"])
def test_rows_that_no_block_divides_stay_in_sixteen_bits(quantization: Quantization) -> None:
    assert tensor_type("blk.0.attn_q.weight", (40, 40), quantization, TIED_3B) == "F16"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("output_norm.weight", (512,)),
        ("blk.0.attn_q.bias", (512,)),
        ("blk.0.attn_q_norm.weight", (64,)),
        ("rope_freqs.weight", (32,)),
    ],
)
def test_vectors_stay_in_float32(name: str, shape: tuple[int, ...]) -> None:
    assert tensor_type(name, shape, "q4_k_m", TIED_3B) == "F32"


def test_sizes_count_whole_blocks() -> None:
    assert size_bytes("Q4_K", (2, 512)) == 4 * 144
    assert size_bytes("Q8_0", (3, 32)) == 3 * 34
    assert size_bytes("F32", (7,)) == 28
