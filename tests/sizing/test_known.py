import json
from dataclasses import replace
from pathlib import Path

import pytest

from loresmith.sizing import known, shape

COUNTED = {  # as the Hub counts the weights of these repositories
    "Qwen/Qwen2.5-0.5B": 494_032_768,
    "Qwen/Qwen2.5-1.5B": 1_543_714_304,
    "Qwen/Qwen2.5-3B": 3_085_938_688,
    "Qwen/Qwen2.5-7B": 7_615_616_512,
    "Qwen/Qwen2.5-14B": 14_770_033_664,
    "Qwen/Qwen3-0.6B": 596_049_920,
    "Qwen/Qwen3-1.7B": 1_720_574_976,
    "Qwen/Qwen3-4B": 4_022_468_096,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "Qwen/Qwen3-14B": 14_768_307_200,
    "meta-llama/Llama-3.2-1B": 1_235_814_400,
    "meta-llama/Llama-3.2-3B": 3_212_749_824,
    "meta-llama/Llama-3.1-8B": 8_030_261_248,
}
COPIES = {
    "Qwen/Qwen2.5-0.5B": "qwen2.5_0.5b_instruct_meta",
    "Qwen/Qwen2.5-3B": "qwen2.5_3b_meta",
    "meta-llama/Llama-3.2-3B": "llama3.2_3b_instruct_meta",
}


def test_every_known_model_has_the_published_number_of_weights() -> None:
    assert {name: shape.read(config).parameters for name, config in known.SHAPES.items()} == COUNTED


@pytest.mark.parametrize("name", COPIES)
def test_a_known_shape_is_that_of_the_models_own_configuration(name: str, shared_data: Path) -> None:
    config = json.loads((shared_data / "models" / COPIES[name] / "config.json").read_text(encoding="utf-8"))
    assert shape.read(known.SHAPES[name]) == shape.read(config)


def test_an_instruct_model_is_found_in_any_case() -> None:
    assert known.look_up("qwen/qwen2.5-3b-INSTRUCT") == known.SHAPES["Qwen/Qwen2.5-3B"]
    assert known.look_up("Qwen/Qwen3-4B-Base") == known.SHAPES["Qwen/Qwen3-4B"]
    assert known.look_up("someone/Qwen2.5-3B") is None


def test_only_the_3b_of_qwen_is_not_open_and_no_llama_is() -> None:
    closed = set(known.SHAPES) - set(known.open_models())
    assert closed == {"Qwen/Qwen2.5-3B"} | {name for name in known.SHAPES if name.startswith("meta-llama/")}


def test_open_models_of_about_a_size_are_named_the_nearest_first() -> None:
    found = known.open_models_like(3_085_938_688)
    assert found[0] == "Qwen/Qwen3-4B"
    assert {"Qwen/Qwen2.5-1.5B", "Qwen/Qwen2.5-7B"} <= set(found)


def test_a_model_is_known_by_its_sizes() -> None:
    llama = shape.read(known.SHAPES["meta-llama/Llama-3.2-3B"])
    assert known.of_shape(llama) == "meta-llama/Llama-3.2-3B"
    assert known.of_shape(replace(llama, layers=27)) is None
