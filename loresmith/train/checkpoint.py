"""Where a killed run goes on: adapter, optimizer and place in the log, written whole or not at all. No pickle.

A checkpoint belongs to one course (model, settings and conversations); those of another are passed over.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from loresmith.artifact import hash_file

FOLDER = "checkpoints"
STATE, TENSORS = "state.json", "tensors.safetensors"


@dataclass(frozen=True)
class Place:
    """How far a run has come."""

    course: str
    """sha256 of what is trained on what, and how."""
    step: int
    """Optimizer steps done."""
    log_bytes: int
    """Length of the log at that moment."""
    pending: tuple[float, int, int]
    """Since the last line of the log: sum of losses, completion tokens, steps."""
    tokens: int
    """Tokens seen so far."""


def save(target: Path, place: Place, tensors: Mapping[str, Tensor]) -> None:
    """Write a checkpoint below `target`; older ones go once it is whole.

    Raises:
        OSError: the disk is full; the older checkpoint stays.
    """
    folder = target / FOLDER
    partial = folder / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(dict(tensors), partial / TENSORS)
    _to_disk(partial / TENSORS)
    state = {**asdict(place), "sha256": hash_file(partial / TENSORS)}
    (partial / STATE).write_text(json.dumps(state), encoding="utf-8")
    _to_disk(partial / STATE)
    final = folder / f"step-{place.step:08d}"
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    for older in sorted(folder.glob("step-*")):
        if older != final:
            shutil.rmtree(older, ignore_errors=True)


def newest(target: Path, course: str) -> tuple[Place, dict[str, Tensor]] | None:
    """The newest checkpoint of `course` that is whole, or `None`."""
    for folder in sorted((target / FOLDER).glob("step-*"), reverse=True):
        try:
            state = json.loads((folder / STATE).read_text(encoding="utf-8"))
            if state.pop("sha256") != hash_file(folder / TENSORS) or state["course"] != course:
                continue
            total, tokens, steps = state.pop("pending")
            return Place(**state, pending=(total, tokens, steps)), load_file(folder / TENSORS)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            continue
    return None


def clear(target: Path) -> None:
    """Remove all checkpoints below `target`."""
    shutil.rmtree(target / FOLDER, ignore_errors=True)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
