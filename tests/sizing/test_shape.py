import pytest

from loresmith.errors import UserError
from loresmith.sizing import known, shape


def test_a_configuration_without_sizes_is_refused() -> None:
    with pytest.raises(UserError, match="num_attention_heads"):
        shape.read({"num_hidden_layers": 2})


def test_a_mixture_of_experts_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="num_experts: 128"):
        shape.read({"num_experts": 128, "num_hidden_layers": 2})


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(UserError, match="size that is none"):
        shape.read({**known.SHAPES["Qwen/Qwen2.5-3B"], "intermediate_size": "large"})


def test_a_layer_of_a_3b_model_has_77_million_linear_weights() -> None:
    qwen = shape.read(known.SHAPES["Qwen/Qwen2.5-3B"])
    assert qwen.linear_parameters == 36 * 77_070_336
    assert shape.read(known.SHAPES["meta-llama/Llama-3.2-3B"]).linear_parameters == 28 * 100_663_296


@pytest.mark.parametrize("layout", ["llama", "mistral", "qwen2", "qwen3"])
def test_weights_are_counted_as_transformers_makes_them(layout: str) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model(
        layout, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        head_dim=16, vocab_size=128, tie_word_embeddings=layout == "qwen3",
    )  # fmt: skip
    made = AutoModelForCausalLM.from_config(config)
    assert shape.read(config.to_dict()).parameters == sum(weight.numel() for weight in made.parameters())
