"""What a recipe may mix in, as YAML and as flags."""

from typing import Any

import pytest

from loresmith.errors import RecipeError
from loresmith.recipe import TrainConfig, load, parse

BIOLOGY = {"source": "sets/biology", "weight": 0.3}


def test_a_source_is_called_as_the_last_part_of_its_path() -> None:
    config = parse(TrainConfig, {"mix": [BIOLOGY, {"source": "sets/my rows.jsonl"}]})
    assert [source.name for source in config.mix] == ["biology", "my-rows"]


@pytest.mark.parametrize(
    ("given", "path", "number"),
    [("a/rows.jsonl=2", "a/rows.jsonl", 2.0), ("rows.jsonl", "rows.jsonl", 1.0), ("a=b/x.json=0.5", "a=b/x.json", 0.5)],
)
def test_a_flag_is_a_path_with_its_weight(given: str, path: str, number: float) -> None:
    (source,) = parse(TrainConfig, {"mix": [given]}).mix
    assert (source.source, source.weight) == (path, number)


def test_replay_and_adapters_are_flags_as_well() -> None:
    config = parse(TrainConfig, {"replay": "general=0.25", "adapters": ["pumps=pumps/*"]})
    assert config.replay is not None
    assert (config.replay.source, config.replay.share) == ("general", 0.25)
    assert (config.adapters[0].name, config.adapters[0].documents) == ("pumps", ("pumps/*",))


def test_what_was_read_is_read_again_from_what_is_written() -> None:
    given = {"mix": [BIOLOGY], "replay": "general=0.2", "adapters": [{"name": "bio", "sources": ["biology"]}]}
    config = parse(TrainConfig, given)
    assert parse(TrainConfig, config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mix": [{**BIOLOGY, "weight": 0}]}, r"mix\.0\.weight: Input should be greater than 0 \(got 0\)"),
        ({"mix": ["rows.jsonl=-1"]}, r"mix\.0\.weight: Input should be greater than 0"),
        ({"mix": [{"source": ""}]}, r"mix\.0\.source"),
        ({"mix": ["a/rows.jsonl", "b/rows.jsonl"]}, "two are called rows"),
        ({"mix": ["replay"]}, "give the source another name"),
        ({"own_weight": 0}, "own_weight: Input should be greater than 0"),
        ({"replay": "general=1"}, r"replay\.share: Input should be less than 1"),
        ({"replay": "general=0"}, r"replay\.share: Input should be greater than 0"),
        ({"adapters": [{"name": "bio"}]}, "adapter bio learns nothing"),
        ({"adapters": [{"name": "bio", "sources": ["x"]}], "mix": [BIOLOGY]}, "names the source x; train.mix has bio"),
        ({"adapters": ["checkpoints=a"]}, "no adapter can be called checkpoints"),
        ({"adapters": ["../up=a"]}, r"adapters\.0\.name"),
        ({"adapters": ["bio=a", "bio=b"]}, "two are called bio"),
        ({"adapters": ["bio=a"], "method": "full"}, "method full has no adapter"),
    ],
)
def test_a_fault_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        parse(TrainConfig, given)


def test_paths_in_a_recipe_start_at_its_folder(tmp_path: Any) -> None:
    (tmp_path / "r.yaml").write_text("name: x\ntrain: {mix: [{source: sets/b}], replay: {source: g.jsonl}}\n")
    train = load(tmp_path / "r.yaml").train
    assert train.replay is not None
    assert (train.mix[0].source, train.replay.source) == (str(tmp_path / "sets/b"), str(tmp_path / "g.jsonl"))
