"""The artifact of one public benchmark that `loresmith benchmark` asked of a project or of a model, one arm of it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith import artifact
from loresmith.artifact import MANIFEST, Artifact
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import ArtifactCorrupt, UserError

STAGE = "benchmark"
RESULTS = "results.json"
ARMS = ("base", "lora")
"""From the plainest to the fullest."""


class Row(BaseModel):
    """A line of the benchmark's log; fields that a comparison does not need are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    arm: str
    subject: str
    scores: dict[str, float]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    task: str
    setting: dict[str, Any]


def is_benchmark(place: Path) -> bool:
    """Whether `place` is the folder of such an artifact."""
    try:
        return bool(json.loads((place / MANIFEST).read_text(encoding="utf-8"))["stage"] == STAGE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_benchmark(folder: Path, arm: str | None) -> Results:
    """The marks of `arm`; an arm with sources counts as the one without, since a benchmark is asked without sources.

    Raises:
        UserError: the arm was not asked.
        ArtifactCorrupt: the folder is damaged.
    """
    made = artifact.read(folder, made_by=STAGE)
    rows = list(made.rows(Row))
    sat = sorted({row.arm for row in rows}, key=lambda name: ARMS.index(name) if name in ARMS else len(ARMS))
    chosen = _without_sources(arm) if arm else sat[-1]
    if chosen not in sat:
        raise UserError(f"The arm {chosen!r} was not asked in {folder}.", next_step=f"Take one of {', '.join(sat)}.")
    own = [row for row in rows if row.arm == chosen]
    told = _told(made)
    settings = {name: str(value) for name, value in sorted(told.setting.items())}
    sheets = (Sheet(told.task, metric, tuple(_marks(own, metric)), settings) for metric in _metrics(own))
    return Results(folder, f"{chosen} in {folder}", "loresmith", tuple(sheets))


def _without_sources(arm: str) -> str:
    return "lora" if "lora" in arm else "base"


def _metrics(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.scores))


def _marks(rows: list[Row], metric: str) -> Iterator[Mark]:
    for row in rows:
        if metric in row.scores:
            tags: Mapping[str, str] = {"subject": row.subject} if row.subject else {}
            yield Mark(question=row.question, score=row.scores[metric], tags=tags)


def _told(made: Artifact) -> _Told:
    try:
        return _Told.model_validate_json((made / RESULTS).read_bytes())
    except (OSError, ValidationError) as fault:
        raise ArtifactCorrupt(made.path, f"its {RESULTS} cannot be read", made_by=STAGE) from fault
