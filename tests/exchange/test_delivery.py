from pathlib import Path

import pytest
import yaml

from loresmith.exchange.delivery import Delivery, write_yaml
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection


@pytest.mark.parametrize(("splits", "learned"), [(("test", "train"), "train"), (("hard", "easy"), "hard")])
def test_a_trainer_is_pointed_at_the_training_rows_or_else_at_the_first(
    plain: Dialogue, splits: tuple[str, ...], learned: str
) -> None:
    assert Delivery("x", {split: [plain] for split in splits}, "", "unknown", "").learned == learned


@pytest.mark.parametrize(
    ("target", "file", "named"),
    [
        ("axolotl", "axolotl.yaml", "path: hard.jsonl"),
        ("autotrain", "autotrain.yml", "train_split: hard"),
        ("llama-factory", "README.md", "dataset: out_hard"),
    ],
)
def test_a_folder_without_a_training_split_names_the_one_that_is_there(
    tmp_path: Path, plain: Dialogue, target: str, file: str, named: str
) -> None:
    hand_over(Collection({"hard": [plain]}, (), ()), target_named(target), tmp_path / "out", Label("Made."))
    assert named in (tmp_path / "out" / file).read_text(encoding="utf-8")


def test_yaml_keeps_the_order_of_its_keys_and_every_letter(tmp_path: Path) -> None:
    write_yaml(tmp_path / "a.yaml", {"z": "Größe 東京", "a": [1, None], "m": {"y": True, "b": 0.1}})
    found = yaml.safe_load((tmp_path / "a.yaml").read_text(encoding="utf-8"))
    assert (list(found), list(found["m"])) == (["z", "a", "m"], ["y", "b"])
    assert (found["z"], found["a"]) == ("Größe 東京", [1, None])


@pytest.mark.parametrize("target", ["alpaca", "prompt-completion", "dolly", "ragas"])
def test_tool_calls_fit_into_no_format_of_plain_text_and_it_says_so(
    plain: Dialogue, calling: Dialogue, target: str
) -> None:
    assert target_named(target).unfit(plain) is None
    assert target_named(target).unfit(calling) == "tool calls have no place in it"
