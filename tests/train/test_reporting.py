import importlib
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from loresmith import train
from loresmith.artifact import Plan
from loresmith.errors import PackageMissing, RecipeError
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig, parse
from loresmith.recipe.settings import TrainSettings
from loresmith.train import reporting
from loresmith.train.following import Follower
from loresmith.train.peft_trainer import PeftTrainer

TRACKIO = """
import json, os, pathlib
told = pathlib.Path(os.environ["TRACKIO_DIR"])
def _write(**line):
    told.mkdir(parents=True, exist_ok=True)
    with (told / "told.jsonl").open("a") as file: file.write(json.dumps(line) + "\\n")
def init(project, name, config): _write(project=project, run=name, rank=config["r"])
def log(figures, step): _write(step=step, **figures)
def finish(): _write(finished=True)
"""


@pytest.mark.parametrize("name", reporting.PACKAGES)
def test_a_tracker_that_is_not_installed_is_named_before_anything_is_loaded(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(reporting.PACKAGES[name]):
        pytest.skip(f"{name} is installed")
    settings = TrainSettings.model_validate({"model": {"base": "nowhere"}, "train": {"report_to": [name]}})
    with pytest.raises(PackageMissing, match=rf"report_to: {name} needs .*{reporting.PACKAGES[name]}"):
        next(train.run(Plan("train", settings), tmp_path / "adapter"))


def test_an_unknown_tracker_is_named_with_those_that_are_known() -> None:
    with pytest.raises(RecipeError, match=r"report_to\.0: .*'tensorboard', 'wandb', 'trackio' or 'mlflow' .*'comet'"):
        parse(TrainConfig, {"report_to": ["comet"]})


@pytest.mark.parametrize(("given", "meant"), [("none", ()), (["none"], ()), ("wandb", ("wandb",))])
def test_a_name_alone_and_none_are_understood(given: object, meant: tuple[str, ...]) -> None:
    assert parse(TrainConfig, {"report_to": given}).report_to == meant


def test_a_tracker_hears_the_log_and_the_exams_beside_the_adapter_and_changes_nothing(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package of the same name and calls stands in for Trackio, which brings half a web server along."""
    (tmp_path / "trackio.py").write_text(TRACKIO, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("TRACKIO_DIR", raising=False)
    monkeypatch.delitem(sys.modules, "trackio", raising=False)
    importlib.invalidate_caches()
    config = small_course.model_copy(update={"report_to": ("trackio",), "exam_steps": 9})
    for name, given in (("a", config), ("b", config.model_copy(update={"report_to": ()}))):
        (tmp_path / name / "adapter").mkdir(parents=True)
        target = tmp_path / name / "adapter"
        with Follower(target.parent, given, ["pumps"]) as follower:
            work = PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, target, given)
            finish(follower.followed(work, target, "pumps"))
    heard = tmp_path / "a" / "tracking" / "trackio" / "told.jsonl"
    told = [json.loads(line) for line in heard.read_text().splitlines()]
    assert told[0] == {"project": "loresmith", "run": "pumps", "rank": 8}
    assert told[-1] == {"finished": True}
    assert [line["step"] for line in told if "loss" in line] == [2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert [line["step"] for line in told if "general" in line] == [0, 9, 18]
    files = sorted(path.name for path in (tmp_path / "a" / "adapter").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b" / "adapter").iterdir())
    assert not (tmp_path / "b" / "tracking").exists()
    monkeypatch.delitem(sys.modules, "trackio", raising=False)
