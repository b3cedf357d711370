import json
from pathlib import Path
from typing import get_args

import pytest

from loresmith.errors import UserError
from loresmith.export import mixture
from loresmith.models.footprint import footprint
from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization

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


@pytest.mark.parametrize("quantization", get_args(Quantization))
def test_each_file_type_is_about_as_large_as_its_tensors(quantization: Quantization) -> None:
    parts = {
        "attn_q": (2048, 2048), "attn_k": (256, 2048), "attn_v": (256, 2048), "attn_output": (2048, 2048),
        "ffn_gate": (11008, 2048), "ffn_up": (11008, 2048), "ffn_down": (2048, 11008),
    }  # fmt: skip
    shapes = {f"blk.{layer}.{part}.weight": shape for layer in range(36) for part, shape in parts.items()}
    shapes["token_embd.weight"] = (151936, 2048)
    model = mixture.Model(36, has_output=False)
    written = sum(
        mixture.size_bytes(mixture.tensor_type(name, shape, quantization, model), shape)
        for name, shape in shapes.items()
    )
    estimate = footprint(QWEN_3B, TrainConfig(), "bfloat16", quantization).gguf_bytes
    assert estimate == pytest.approx(written, rel=0.003)


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
