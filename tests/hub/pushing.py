"""A verb as a process of its own: the Hub's client reads its environment once, when it is imported."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.hub.server import TOKEN

SETTINGS = (
    *("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"),
    *("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK"),
)
"""What the verb must set, or find, by itself."""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def run(home: Path, endpoint: str, *words: object, token: str | None = TOKEN, **environment: str) -> Done:
    """What `loresmith WORDS` does with the Hub at `endpoint`; uploads go by LFS, which the stand-in speaks."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    clean |= {"HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"}
    if token is not None:
        clean["HF_TOKEN"] = token
    command = [sys.executable, "-m", "loresmith.cli.__main__", *map(str, words)]
    done = subprocess.run(command, env={**clean, **environment}, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)
