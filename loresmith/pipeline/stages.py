"""The table of stages: folder, parents, settings and code. Nothing heavy is imported until a stage runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

from loresmith.artifact import Artifact, Plan
from loresmith.contamination.benchmark_files import benchmark_files
from loresmith.decisions import REVIEW
from loresmith.errors import LoresmithError, UserError
from loresmith.pipeline.project import Project
from loresmith.pipeline.sources import sources
from loresmith.progress import Work
from loresmith.recipe import ExportConfig, Recipe, with_paths
from loresmith.recipe.settings import EvaluateSettings, ExportSettings, ParitySettings, ReportSettings, TrainSettings


@dataclass(frozen=True)
class Stage:
    """One step of the journey."""

    name: str
    folder: str
    """Below the project folder."""
    parents: tuple[str, ...]
    settings: Callable[[Project], BaseModel]
    uses_model: bool = False
    """Whether another base model makes the result stale."""
    revision: int = 1
    """Raised when the stage's code gives other results for the same input."""
    files: Callable[[Project], Mapping[str, Path]] | None = None
    """Outside files that the stage reads, by names that are the same on every machine."""

    def work(self, plan: Plan, target: Path, files: Mapping[str, Path]) -> Work[Artifact]:
        """Start the stage; `files` are handed to those that read outside files."""
        module = import_module(f"loresmith.{self.name}")
        started: Work[Artifact] = module.run(plan, target, files) if self.files else module.run(plan, target)
        return started


def _documents(project: Project) -> Mapping[str, Path]:
    return sources(project.recipe.documents, project.recipe.ingest)


def _benchmarks(project: Project) -> Mapping[str, Path]:
    return benchmark_files(project.recipe.split.decontaminate_against)


def _decisions(project: Project) -> Mapping[str, Path]:
    path = project.path / REVIEW
    return {REVIEW: path} if path.is_file() else {}


def _split(project: Project) -> BaseModel:
    # the files count by their bytes; their paths differ from machine to machine
    return project.recipe.split.model_copy(update={"decontaminate_against": ()})


def _train(project: Project) -> BaseModel:
    return TrainSettings(model=project.recipe.model, train=_without_folders(project.recipe).train)


def _without_folders(recipe: Recipe) -> Recipe:
    """`recipe` with the names of files alone, for what has to be the same on every machine."""
    return with_paths(recipe, lambda entry: Path(entry).name)


def _rows_beside(project: Project) -> Mapping[str, Path]:
    """The rows that are trained beside the project's questions, and the benchmarks that none of them may stand in."""
    recipe = project.recipe
    found = {}
    for one in recipe.train.beside:
        if not Path(one.source).exists():
            raise UserError(
                f"There are no rows to train at {one.source} ({one.name}).",
                next_step="Check train.mix and train.replay; `loresmith dataset prepare` makes such a set.",
            )
        found[f"rows/{one.name}"] = Path(one.source)
    if found:
        against = benchmark_files(recipe.split.decontaminate_against)
        found |= {f"benchmark/{name}": path for name, path in against.items()}
    return found


def _evaluate(project: Project) -> BaseModel:
    recipe = project.recipe
    return EvaluateSettings(model=recipe.model, evaluate=recipe.evaluate, ask=recipe.ask)


def _shipped(project: Project) -> ExportConfig:
    # where the file goes afterwards changes nothing in it
    return project.recipe.export.model_copy(update={"push_to_hub": None})


def _export(project: Project) -> BaseModel:
    return ExportSettings(model=project.recipe.model, export=_shipped(project))


def _parity(project: Project) -> BaseModel:
    recipe = project.recipe
    return ParitySettings(model=recipe.model, export=_shipped(project), evaluate=recipe.evaluate, ask=recipe.ask)


def _report(project: Project) -> BaseModel:
    # paths differ from machine to machine
    recipe = project.recipe.model_copy(
        update={"documents": (), "split": _split(project), "train": _without_folders(project.recipe).train}
    )
    return ReportSettings(recipe=recipe, rehearsed=project.rehearsed, aside=project.aside)


STAGES = (
    Stage("ingest", "documents", (), lambda project: project.recipe.ingest, revision=2, files=_documents),
    Stage("chunk", "chunks", ("ingest",), lambda project: project.recipe.chunk),
    Stage("generate", "questions", ("ingest", "chunk"), lambda project: project.recipe.generate, files=_decisions),
    Stage("split", "split", ("generate",), _split, files=_benchmarks),
    Stage("index", "index", ("chunk",), lambda project: project.recipe.index),
    Stage("train", "adapter", ("chunk", "split"), _train, uses_model=True, revision=2, files=_rows_beside),
    Stage("evaluate", "exam", ("split", "index", "train"), _evaluate, uses_model=True, revision=3),
    Stage("export", "export", ("chunk", "split", "train"), _export, uses_model=True),
    Stage("parity", "parity", ("export", "train", "split", "index"), _parity, uses_model=True),
    Stage(
        "report",
        "report",
        ("ingest", "chunk", "generate", "split", "index", "train", "evaluate", "export", "parity"),
        _report,
        uses_model=True,
    ),
)


def stage(name: str) -> Stage:
    """The stage called `name`."""
    for candidate in STAGES:
        if candidate.name == name:
            return candidate
    raise LoresmithError(f"There is no stage {name!r}.", next_step=f"Known: {', '.join(s.name for s in STAGES)}.")
