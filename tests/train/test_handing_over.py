"""What the processes of one training get is what they were to get."""

from pathlib import Path

from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train import launch


def test_the_work_comes_over_whole_with_the_order_of_its_epochs(tmp_path: Path) -> None:
    one, two = Conversation((7, 8, 9), 2, "one"), Conversation((7, 5), 1)
    examples = TrainingSet((one, two), (two,), epochs=((1, 0), (0, 1)))
    config = TrainConfig.model_validate({"mix": ["rows.jsonl=0.5"], "processes": 2})
    given = ModelConfig(), examples, tmp_path / "adapter", config
    launch.hand_over(tmp_path / "job", *given)
    assert launch.work_of(tmp_path / "job") == given
