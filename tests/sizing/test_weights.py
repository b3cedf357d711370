import json
from pathlib import Path
from typing import get_args

import pytest

from loresmith.errors import UserError
from loresmith.export import mixture
from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization
from loresmith.sizing import known, shape, weights

QWEN_3B = shape.read(known.SHAPES["Qwen/Qwen2.5-3B"])
LLAMA_3B = shape.read(known.SHAPES["meta-llama/Llama-3.2-3B"])


def test_an_adapter_counts_rank_times_rows_plus_columns() -> None:
    assert weights.adapter_parameters(QWEN_3B, TrainConfig(r=16)) == 29_933_568
    assert weights.adapter_parameters(LLAMA_3B, TrainConfig(r=16)) == 24_313_856
    two = TrainConfig(r=8, target_modules=("q_proj", "v_proj"))
    assert weights.adapter_parameters(QWEN_3B, two) == 36 * 8 * (2048 + 2048 + 256 + 2048)


def test_the_q4_k_m_estimate_is_near_the_files_people_ship() -> None:
    assert weights.gguf_bytes(QWEN_3B) == pytest.approx(1.93e9, rel=0.05)


@pytest.mark.parametrize("quantization", get_args(Quantization))
def test_each_file_type_is_about_as_large_as_its_tensors(quantization: Quantization) -> None:
    parts = {
        "attn_q": (2048, 2048), "attn_k": (256, 2048), "attn_v": (256, 2048), "attn_output": (2048, 2048),
        "ffn_gate": (11008, 2048), "ffn_up": (11008, 2048), "ffn_down": (2048, 11008),
    }  # fmt: skip
    shapes = {f"blk.{layer}.{part}.weight": sides for layer in range(36) for part, sides in parts.items()}
    shapes["token_embd.weight"] = (151936, 2048)
    model = mixture.Model(36, has_output=False)
    written = sum(
        mixture.size_bytes(mixture.tensor_type(name, sides, quantization, model), sides)
        for name, sides in shapes.items()
    )
    assert weights.gguf_bytes(QWEN_3B, quantization) == pytest.approx(written, rel=0.003)


def test_nf4_leaves_head_embedding_and_norms_in_16_bits() -> None:
    rest = QWEN_3B.parameters - 36 * 77_070_336
    assert weights.nf4_bytes(QWEN_3B, "bfloat16") == int(36 * 77_070_336 * (4 + 0.125 + 32 / 16384) / 8) + 2 * rest
    assert weights.nf4_bytes(QWEN_3B, "bfloat16") == pytest.approx(2.05e9, rel=0.01)


def test_the_starters_own_weights_are_counted_exactly() -> None:
    from safetensors import safe_open

    folder = Path(__file__).parent.parent.parent / "loresmith" / "models" / "starter"
    config = json.loads((folder / "config.json").read_text())
    with safe_open(folder / "model.safetensors", "pt") as stored:
        shapes = [stored.get_slice(name).get_shape() for name in stored.keys()]  # noqa: SIM118 (no mapping)
    count = sum(int(sizes[0]) * int(sizes[1] if len(sizes) > 1 else 1) for sizes in shapes)
    assert shape.read(config).parameters == count


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(UserError, match="c_attn"):
        weights.adapter_parameters(QWEN_3B, TrainConfig(target_modules=("c_attn",)))
