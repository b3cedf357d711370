"""Public benchmarks that this project asked (`loresmith benchmark`, or the recipe's), one arm of them.

Each lies in a folder of its own with its marks and with all that decides whether two scores may be compared. Not
covered: the weights of MMLU's subjects where a limit cut them unequally; every question counts alike here.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith import artifact
from loresmith.artifact import MANIFEST
from loresmith.compare.marks import Mark, Results, Sheet
from loresmith.errors import ArtifactCorrupt, UserError

STAGE = "benchmark"
BASE, TRAINED = "base", "lora"
ASKED = "exam-benchmarks"
"""Of the benchmarks that the recipe asks for, below a project's folder."""
RESULTS = "results.json"
PASSED_OVER = ("examples_sha256",)
"""Of a limit's choice of questions; the same examples stand before the same question in every run."""


class Row(BaseModel):
    """A line of a benchmark's log; fields that a comparison does not need are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    arm: str
    subject: str
    scores: dict[str, float]


class Asked(BaseModel):
    """The results of one benchmark, as far as a comparison needs them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task: str
    model: str
    setting: dict[str, Any]


def asked_in(project: Path) -> Path | None:
    """Where the benchmarks that the recipe of `project` asks for lie; `None` where they were not asked."""
    folder = project / ASKED
    return folder if (folder / MANIFEST).is_file() else None


def benchmark_folders(place: Path) -> dict[Path, Asked]:
    """The folders of single benchmarks at `place`, itself or those right below it, with what each says."""
    return opened((place, *sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))))


def opened(folders: Iterable[Path]) -> dict[Path, Asked]:
    """What those of `folders` say that are of a single benchmark."""
    held = [folder for folder in folders if (folder / MANIFEST).is_file()]
    return {folder: told for folder in held if (told := _asked(folder)) is not None}


def read_benchmarks(place: Path, asked: Mapping[Path, Asked], arm: str | None) -> Results:
    """The marks of every benchmark of `asked`: of the trained arm, unless `arm` is one without an adapter.

    Raises:
        UserError: the arm was not asked.
        ArtifactCorrupt: a folder is damaged.
    """
    wanted = BASE if arm in (BASE, "rag") else TRAINED
    sheets: list[Sheet] = []
    models = set()
    for folder, told in asked.items():
        rows = list(artifact.read(folder, made_by=STAGE).rows(Row))
        there = list(dict.fromkeys(row.arm for row in rows))
        chosen = wanted if wanted in there or arm is not None else BASE
        if chosen not in there:
            raise UserError(
                f"{told.task} in {folder} was not asked with the adapter: {', '.join(there)} alone.",
                next_step=f"Ask it of a trained project: `loresmith benchmark PROJECT --tasks {told.task}`.",
            )
        models.add(told.model)
        sheets += _sheets(told, [row for row in rows if row.arm == chosen])
    return Results(place, f"{wanted} of {', '.join(sorted(models))} in {place}", "loresmith", tuple(sheets))


def _sheets(told: Asked, rows: list[Row]) -> Iterator[Sheet]:
    setting = {name: str(value) for name, value in told.setting.items() if name not in PASSED_OVER}
    for measure in dict.fromkeys(measure for row in rows for measure in row.scores):
        marks = tuple(
            Mark(row.question, row.scores[measure], tags={"subject": row.subject} if row.subject else {})
            for row in rows
            if measure in row.scores
        )
        yield Sheet(told.task, measure, marks, setting)


def _asked(folder: Path) -> Asked | None:
    """What one benchmark's folder says; `None` where it is no such folder."""
    path = folder / RESULTS
    if not path.is_file():
        return None
    try:
        manifest = artifact.Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        return Asked.model_validate_json(path.read_bytes()) if manifest.stage == STAGE else None
    except FileNotFoundError as fault:
        raise ArtifactCorrupt(folder, f"{MANIFEST} is missing", made_by=STAGE) from fault
    except ValidationError:
        return None
