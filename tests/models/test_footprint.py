import json
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.models.footprint import footprint
from loresmith.recipe import TrainConfig

QWEN_3B = {
    "model_type": "qwen2", "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36,
    "num_attention_heads": 16, "num_key_value_heads": 2, "vocab_size": 151936, "tie_word_embeddings": True,
}  # fmt: skip
LLAMA_3B = {
    "model_type": "llama", "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 28,
    "num_attention_heads": 24, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": True,
}  # fmt: skip


def test_published_sizes_come_out_to_the_last_parameter() -> None:
    assert footprint(QWEN_3B, TrainConfig(), "bfloat16").parameters == 3_085_938_688  # as its Hub page counts them
    assert footprint(LLAMA_3B, TrainConfig(), "bfloat16").parameters == 3_212_749_824


def test_an_adapter_counts_rank_times_rows_plus_columns() -> None:
    assert footprint(QWEN_3B, TrainConfig(r=16), "bfloat16").adapter_parameters == 29_933_568
    two = TrainConfig(r=8, target_modules=("q_proj", "v_proj"))
    assert footprint(QWEN_3B, two, "bfloat16").adapter_parameters == 36 * 8 * (2048 + 2048 + 256 + 2048)


def test_the_q4_k_m_estimate_is_near_the_files_people_ship() -> None:
    assert footprint(QWEN_3B, TrainConfig(), "bfloat16").gguf_bytes == pytest.approx(1.93e9, rel=0.05)


def test_the_starters_own_weights_are_counted_exactly() -> None:
    from safetensors import safe_open

    folder = Path(__file__).parent.parent.parent / "loresmith" / "models" / "starter"
    config = json.loads((folder / "config.json").read_text())
    with safe_open(folder / "model.safetensors", "pt") as weights:
        stored = {name: weights.get_slice(name).get_shape() for name in weights.keys()}  # noqa: SIM118 (no mapping)
    count = sum(int(shape[0]) * int(shape[1] if len(shape) > 1 else 1) for shape in stored.values())
    assert footprint(config, TrainConfig(), "float32").parameters == count


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(UserError, match="c_attn"):
        footprint(QWEN_3B, TrainConfig(target_modules=("c_attn",)), "bfloat16")


def test_a_configuration_without_sizes_is_refused() -> None:
    with pytest.raises(UserError, match="hidden_size"):
        footprint({"num_hidden_layers": 2}, TrainConfig(), "float32")


def test_a_base_in_four_bits_takes_what_qlora_says() -> None:
    whole = footprint(QWEN_3B, TrainConfig(), "bfloat16").weight_bytes
    four = footprint(QWEN_3B, TrainConfig(method="qlora"), "bfloat16").weight_bytes
    assert whole == pytest.approx(6.17e9, rel=0.01)
    assert four == pytest.approx(2.05e9, rel=0.02)


def test_full_fine_tuning_takes_sixteen_bytes_a_weight_and_ten_with_eight_bit_moments() -> None:
    full = footprint(QWEN_3B, TrainConfig(method="full"), "bfloat16")
    assert (full.weight_bytes, full.training_state_bytes) == (0, 16 * full.parameters)
    eight = footprint(QWEN_3B, TrainConfig(method="full", optim="adamw_8bit"), "bfloat16")
    assert eight.training_state_bytes / full.parameters == pytest.approx(10.03, abs=0.01)
