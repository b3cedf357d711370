import json
import subprocess
import sys
from pathlib import Path

import pytest

import loresmith.cli

NEEDS_HUB = {"benchmark.py", "dataset_prepare.py", "dataset_push.py", "push.py", "run.py", "stage_verb.py", "watch.py"}
"""Verbs that fetch a model or a dataset by its name on the Hub, and those that publish."""
ASKED = (
    "import json, os; from loresmith.cli.environment import prepare; prepare({}); print(json.dumps({{**os.environ}}))"
)
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE")


def environment(given: str, **user: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", ASKED.format(given)],
        env=user,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path.cwd(),
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_a_verb_is_offline_unless_it_needs_the_hub_and_never_tells_on_its_user() -> None:
    offline, online = environment("torch_works=False"), environment("needs_hub=True")
    assert [offline[name] for name in OFFLINE] == ["1", "1", "1"]
    assert not set(OFFLINE) & online.keys()
    assert offline["HF_HUB_DISABLE_TELEMETRY"] == online["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert environment("needs_hub=True", HF_HUB_OFFLINE="1")["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("file", sorted(Path(loresmith.cli.__file__).parent.glob("*.py")), ids=lambda file: file.name)
def test_only_these_verbs_can_need_the_hub(file: Path) -> None:
    assert ("prepare(needs_hub=" in file.read_text(encoding="utf-8")) == (file.name in NEEDS_HUB)
