import json
from pathlib import Path

import pytest
import torch

from loresmith.errors import UserError
from loresmith.export import layout

QWEN = {
    "model_type": "qwen2", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 12, "vocab_size": 100,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256, "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0, "tie_word_embeddings": True,
}  # fmt: skip


def test_old_and_new_spellings_of_the_rotary_settings_mean_the_same() -> None:
    new = {key: value for key, value in QWEN.items() if key != "rope_theta"}
    new["rope_parameters"] = {"rope_theta": 10000.0, "rope_type": "default"}
    assert layout.read(new) == layout.read(QWEN)


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "mamba"},
        {"use_sliding_window": True},
        {"hidden_act": "gelu"},
        {"quantization_config": {"bits": 4}},
        {"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}},
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_way_out(change: dict[str, object]) -> None:
    with pytest.raises(UserError) as refusal:
        layout.read(QWEN | change)
    assert "qwen3" in refusal.value.next_step or "16-bit" in refusal.value.next_step


@pytest.mark.parametrize(
    "told", [{"quant_method": "bitsandbytes", "load_in_4bit": True}, {"quant_method": "gptq"}, {"quant_method": "awq"}]
)
def test_a_quantised_base_is_refused_by_its_method_with_the_model_to_name(told: dict[str, object]) -> None:
    with pytest.raises(UserError, match=str(told["quant_method"])) as refusal:
        layout.read(QWEN | {"quantization_config": told})
    assert "16-bit model" in refusal.value.next_step
    assert "model.base" in refusal.value.next_step


def test_a_configuration_without_a_size_is_one_clear_error() -> None:
    with pytest.raises(UserError, match="intermediate_size"):
        layout.read({key: value for key, value in QWEN.items() if key != "intermediate_size"})


def test_layers_are_written_in_the_order_of_their_numbers() -> None:
    names = ["lm_head.weight", *(f"model.layers.{n}.self_attn.q_proj.weight" for n in (10, 2)), "model.norm.weight"]
    found = layout.gguf_names(names, tied=False)
    assert list(found.values()) == [
        "blk.2.attn_q.weight",
        "blk.10.attn_q.weight",
        "output_norm.weight",
        "output.weight",
    ]


def test_a_head_stored_beside_a_tied_embedding_is_left_out() -> None:
    assert list(layout.gguf_names(["model.embed_tokens.weight", "lm_head.weight"], tied=True)) == [
        "model.embed_tokens.weight"
    ]


def test_a_tensor_without_a_place_is_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"block_sparse_moe\.gate"):
        layout.gguf_names(["model.layers.0.block_sparse_moe.gate.weight"], tied=True)


def test_only_queries_and_keys_of_llama_change_their_row_order() -> None:
    llama = layout.read(QWEN | {"model_type": "llama"})
    assert layout.row_order("blk.0.attn_v.weight", 32, llama) is None
    assert layout.row_order("blk.0.attn_q.weight", 64, layout.read(QWEN)) is None
    order = layout.row_order("blk.0.attn_k.weight", 32, llama)
    assert order is not None
    assert order[:4].tolist() == [0, 8, 1, 9]  # the two halves of a head of 16 rows, woven together
    assert sorted(order.tolist()) == list(range(32))


def test_llama3_factors_divide_the_frequencies_as_transformers_does() -> None:
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    rope = {
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }  # fmt: skip
    config = LlamaConfig(hidden_size=3072, num_attention_heads=24, head_dim=128, rope_parameters=rope)
    expected, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    plain = 1.0 / 500000.0 ** (torch.arange(0, 128, 2) / 128)
    factors = layout.read(json.loads(config.to_json_string(use_diff=False))).rope_factors
    assert torch.allclose(plain / torch.tensor(factors), expected, rtol=1e-6)
    assert factors[:29] == (1.0,) * 29
    # the bits that convert_hf_to_gguf of llama.cpp 0c1e570 writes for this model
    assert torch.tensor(factors[29:35]).view(torch.int32).tolist() == [
        1067324011,
        1070816962,
        1074902218,
        1079161967,
        1084587449,
        1092266734,
    ]


def test_the_published_shapes_are_read(shared_data: Path) -> None:
    models = shared_data / "models"
    qwen = layout.read(json.loads((models / "qwen2.5_3b_meta" / "config.json").read_text()))
    llama = layout.read(json.loads((models / "llama3.2_3b_instruct_meta" / "config.json").read_text()))
    assert (qwen.layers, qwen.key_heads, qwen.tied, qwen.rope_factors) == (36, 2, True, ())
    assert (llama.layers, llama.head_width, len(llama.rope_factors)) == (28, 128, 64)
    assert llama.metadata["llama.rope.freq_base"] == 500000.0
