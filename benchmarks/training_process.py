"""One contender of `training_contenders.py` in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("training_contenders.py")


class Failed(Exception):
    """It gave no figures; says why."""


def figures(
    name: str, shape: str, seconds: float, *, around: Mapping[str, str], longest: float | None = None
) -> dict[str, Any]:
    """What `name` measured on `shape` for `seconds`.

    Args:
        name: The contender.
        shape: What it trains.
        seconds: How long, after its start.
        around: Variables of its environment beside those of this process.
        longest: Seconds after which it is given up; never when `None`.

    Raises:
        Failed: it ended with an error, with what it wrote, or was given up.
    """
    try:
        done = subprocess.run(
            [sys.executable, str(PROGRAM), name, shape, str(seconds)],
            capture_output=True, text=True, check=False, env=os.environ | dict(around), timeout=longest,
        )  # fmt: skip
    except subprocess.TimeoutExpired as fault:
        raise Failed(f"not done after {longest:.0f} s") from fault
    if done.returncode:
        raise Failed(done.stderr.strip() or "failed")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
