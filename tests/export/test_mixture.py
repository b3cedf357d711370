import pytest

from loresmith.export.mixture import Model, Quantization, size_bytes, tensor_type

TIED_3B = Model(layers=28, has_output=False)


def kinds(part: str, layers: int) -> list[str]:
    model = Model(layers, has_output=True)
    return [tensor_type(f"blk.{layer}.{part}.weight", (512, 512), "q4_k_m", model) for layer in range(layers)]


def test_values_and_down_projections_get_more_bits_in_the_outer_eighths_and_every_third_layer_between() -> None:
    finer = {0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 24, 25, 26, 27}  # of 28: as `llama-quantize` prints for Llama-3.2-3B
    for part in ("attn_v", "ffn_down"):
        assert {layer for layer, kind in enumerate(kinds(part, 28)) if kind == "Q6_K"} == finer


@pytest.mark.parametrize("part", ["attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up"])
def test_the_other_matrices_of_a_layer_get_four_bits(part: str) -> None:
    assert set(kinds(part, 28)) == {"Q4_K"}


def test_an_embedding_that_is_also_the_head_is_quantised_as_a_head() -> None:
    assert tensor_type("token_embd.weight", (999, 512), "q4_k_m", TIED_3B) == "Q6_K"


def test_an_embedding_beside_a_head_of_its_own_gets_four_bits_and_the_head_six() -> None:
    model = Model(layers=28, has_output=True)
    assert tensor_type("token_embd.weight", (999, 512), "q4_k_m", model) == "Q4_K"
    assert tensor_type("output.weight", (999, 512), "q4_k_m", model) == "Q6_K"


def test_a_70b_model_spends_five_bits_where_others_spend_four_on_values() -> None:
    assert set(kinds("attn_v", 80)) == {"Q5_K", "Q6_K"}
    assert set(kinds("ffn_down", 80)) == {"Q4_K", "Q6_K"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("blk.1.attn_q.weight", "Q5_0"),
        ("blk.0.attn_v.weight", "Q8_0"),
        ("token_embd.weight", "Q8_0"),
    ],
)
def test_rows_of_896_weights_fall_back_to_blocks_of_32(name: str, kind: str) -> None:
    assert tensor_type(name, (896, 896), "q4_k_m", Model(layers=24, has_output=False)) == kind


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


@pytest.mark.parametrize("quantization", ["q4_k_m", "q8_0", "f16"])
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
