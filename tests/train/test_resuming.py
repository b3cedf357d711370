import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import hash_file
from loresmith.errors import Interrupted
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.peft_trainer import PeftTrainer

SCRIPT = Path(__file__).with_name("killed_course.py")
WAYS: list[tuple[int, dict[str, Any]]] = [
    (10, {"lora_dropout": 0.1}),
    (3, {"optim": "adamw_torch_fused", "lr_scheduler_type": "linear", "warmup_ratio": 0.2}),
    (3, {"optim": "adamw_8bit", "method": "qlora"}),
    (3, {"use_dora": True, "use_rslora": True, "exam_steps": 4, "early_stopping_patience": 3}),
    (3, {"optim": "adamw_8bit", "method": "full", "learning_rate": 1e-3, "exam_steps": 4}),
]


@pytest.mark.parametrize(("times", "changes"), WAYS, ids=lambda way: "+".join(way) if isinstance(way, dict) else "")
def test_a_course_killed_at_random_steps_ends_with_the_same_bytes(
    times: int, changes: dict[str, Any], tiny_model: Path, tmp_path: Path
) -> None:
    lot = random.Random(os.urandom(8))  # a new choice at every run, named on failure
    deaths = sorted(lot.sample(range(1, 15), times))
    command = [sys.executable, str(SCRIPT), str(tiny_model), str(tmp_path), json.dumps(changes), *map(str, deaths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [line.partition(" ") for line in done.stdout.splitlines()]
    killed, whole = ([rest for name, _, rest in found if name == which] for which in ("killed", "whole"))
    assert len(killed) >= 4
    assert killed == whole, deaths


def test_an_order_to_end_saves_a_checkpoint_and_the_next_run_goes_on(
    tmp_path: Path, tiny_model: Path, lesson: TrainingSet, small_course: TrainConfig
) -> None:
    base, rare = ModelConfig(base=str(tiny_model)), small_course.model_copy(update={"save_steps": 100})
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = signal.getsignal(signal.SIGTERM)
    work = PeftTrainer().fit(base, lesson, tmp_path / "a", rare)
    while next(work).done < 4:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted, match="step 5 of 18") as fault:
        finish(work)
    assert fault.value.exit_code == 75
    assert signal.getsignal(signal.SIGTERM) is before
    again = PeftTrainer().fit(base, lesson, tmp_path / "a", rare)
    assert next(again).done == 5
    finish(again)
    finish(PeftTrainer().fit(base, lesson, tmp_path / "b", rare))
    name = "adapter_model.safetensors"
    assert hash_file(tmp_path / "a" / name) == hash_file(tmp_path / "b" / name)
