"""The table of stages: folder, parents, settings and code. Nothing heavy is imported until a stage runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

from loresmith.artifact import MANIFEST, Artifact, Plan
from loresmith.contamination.benchmark_files import benchmark_files
from loresmith.decisions import REVIEW
from loresmith.errors import LoresmithError, UserError
from loresmith.pipeline.project import Project
from loresmith.pipeline.sources import sources, uploaded
from loresmith.progress import Work
from loresmith.recipe import EvaluateConfig, ExamineeConfig, ExportConfig, JudgeConfig, Recipe, with_paths
from loresmith.recipe.settings import (
    BenchmarkSettings,
    EvaluateSettings,
    ExportSettings,
    FurtherSettings,
    ParitySettings,
    ReportSettings,
    TrainSettings,
)

BENCHMARKS = "benchmarks"
"""Folder in a project with the results of public benchmarks."""


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
    is_wanted: Callable[[Project], bool] = lambda project: True
    """Whether the recipe asks for it; a stage that it does not ask for is no part of the journey."""
    also: tuple[str, ...] = ()
    """Parents that count only where the recipe asks for them."""
    needs_split: Callable[[Project], bool] = lambda project: False
    """Whether the recipe makes the split a parent."""
    module: str = ""
    """Where `run` is, below the package; empty where it is in the module named like the stage."""
    verb: str = ""
    """The verb that makes it, where it is not named like the stage."""

    def parents_in(self, project: Project) -> tuple[str, ...]:
        """The parents that it has in the journey of `project`."""
        more = ("split",) if self.needs_split(project) else ()
        return (*self.parents, *more, *(name for name in self.also if stage(name).is_wanted(project)))

    @property
    def made_by(self) -> str:
        """The verb that makes it."""
        return self.verb or self.name

    def work(self, plan: Plan, target: Path, files: Mapping[str, Path]) -> Work[Artifact]:
        """Start the stage; `files` are handed to those that read outside files."""
        module = import_module(f"loresmith.{self.module or self.name}")
        started: Work[Artifact] = module.run(plan, target, files) if self.files else module.run(plan, target)
        return started


def _documents(project: Project) -> Mapping[str, Path]:
    return {**sources(project.recipe.documents, project.recipe.ingest), **uploaded(project.path)}


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


def _examined(project: Project) -> EvaluateConfig:
    # which arms sit afterwards, and what else is asked then, changes nothing in the exam before
    return project.recipe.evaluate.model_copy(update={"further": (), "endpoint": ExamineeConfig(), "benchmarks": ()})


def _benchmarked(project: Project) -> BaseModel:
    given = project.recipe.evaluate
    return BenchmarkSettings(
        model=project.recipe.model,
        benchmarks=tuple(one.model_copy(update={"data": ()}) for one in given.benchmarks),
        floor=project.recipe.gate.floor,
        bootstrap_samples=given.bootstrap_samples,
        seed=given.seed,
    )


def _questions(project: Project) -> Mapping[str, Path]:
    """The files of the benchmarks that are asked, each under its benchmark's name; the rest come from the Hub.

    Raises:
        UserError: a benchmark is unknown or a file is missing, which must not cost a training first.
    """
    from loresmith.benchmark.table import chosen

    asked = project.recipe.evaluate.benchmarks
    chosen([one.name for one in asked])
    return {f"{one.name}/{name}": path for one in asked for name, path in benchmark_files(one.data).items()}


def _evaluate(project: Project) -> BaseModel:
    recipe = project.recipe
    return EvaluateSettings(model=recipe.model, evaluate=_examined(project), ask=recipe.ask)


def _further(kind: str) -> Callable[[Project], BaseModel]:
    def settings(project: Project) -> BaseModel:
        given = project.recipe.evaluate
        own = tuple(arm for arm in given.further if arm.startswith(kind))
        asked = ExamineeConfig() if kind != "endpoint" else given.endpoint
        evaluate = given.model_copy(update={"arms": (), "further": own, "endpoint": asked, "benchmarks": ()})
        return FurtherSettings(evaluate=evaluate, ask=project.recipe.ask)

    return settings


def _asked_for(kind: str) -> Callable[[Project], bool]:
    return lambda project: any(arm.startswith(kind) for arm in project.recipe.evaluate.further)


def _shipped(project: Project) -> ExportConfig:
    # where the file goes afterwards changes nothing in it
    return project.recipe.export.model_copy(update={"push_to_hub": None})


def _export(project: Project) -> BaseModel:
    return ExportSettings(model=project.recipe.model, export=_shipped(project))


def _parity(project: Project) -> BaseModel:
    recipe = project.recipe
    evaluate = _examined(project).model_copy(update={"judge": JudgeConfig()})  # nothing is judged there
    return ParitySettings(model=recipe.model, export=_shipped(project), evaluate=evaluate, ask=recipe.ask)


def _benchmark_results(project: Project) -> Mapping[str, Path]:
    """What `loresmith benchmark` finished in the project, by task."""
    found = sorted((project.path / BENCHMARKS).glob("*/results.json"))
    return {f"{BENCHMARKS}/{path.parent.name}": path for path in found if (path.parent / MANIFEST).is_file()}


def _judged(project: Project) -> Mapping[str, Path]:
    """The pairs and votes of the blind comparisons, by their path in the project."""
    voted = sorted((project.path / "blind").glob("*/votes.jsonl"))
    files = [file for votes in voted for file in (votes.with_name("pairs.json"), votes) if file.is_file()]
    return {file.relative_to(project.path).as_posix(): file for file in files}


def _beside_stages(project: Project) -> Mapping[str, Path]:
    """What the report tells that no stage made."""
    return {**_benchmark_results(project), **_judged(project)}


def _report(project: Project) -> BaseModel:
    # paths differ from machine to machine
    recipe = project.recipe.model_copy(
        update={
            "documents": (),
            "watch": None,
            "split": _split(project),
            **{key: getattr(_without_folders(project.recipe), key) for key in ("train", "evaluate")},
        }
    )
    return ReportSettings(recipe=recipe, rehearsed=project.rehearsed, aside=project.aside)


STAGES = (
    Stage("ingest", "documents", (), lambda project: project.recipe.ingest, revision=2, files=_documents),
    Stage("chunk", "chunks", ("ingest",), lambda project: project.recipe.chunk),
    Stage("generate", "questions", ("ingest", "chunk"), lambda project: project.recipe.generate, files=_decisions),
    Stage("split", "split", ("generate",), _split, files=_benchmarks),
    Stage(
        "index",
        "index",
        ("chunk",),
        lambda project: project.recipe.index,
        needs_split=lambda project: project.recipe.index.tune,
    ),
    Stage("train", "adapter", ("chunk", "split"), _train, uses_model=True, revision=2, files=_rows_beside),
    Stage("evaluate", "exam", ("split", "index", "train"), _evaluate, uses_model=True, revision=5),
    Stage(
        "benchmark",
        "exam-benchmarks",
        ("train",),
        _benchmarked,
        uses_model=True,
        files=_questions,
        is_wanted=lambda project: bool(project.recipe.evaluate.benchmarks),
        module="benchmark.floors",
        verb="evaluate",
    ),
    Stage("export", "export", ("chunk", "split", "train"), _export, uses_model=True),
    Stage("parity", "parity", ("export", "train", "split", "index"), _parity, uses_model=True, verb="export"),
    Stage(
        "gguf",
        "exam-gguf",
        ("split", "index", "evaluate", "export"),
        _further("gguf"),
        revision=2,
        is_wanted=_asked_for("gguf"),
        module="evaluate.further",
        verb="evaluate",
    ),
    Stage(
        "endpoint",
        "exam-endpoint",
        ("split", "index", "evaluate"),
        _further("endpoint"),
        revision=2,
        is_wanted=_asked_for("endpoint"),
        module="evaluate.further",
        verb="evaluate",
    ),
    Stage(
        "report",
        "report",
        ("ingest", "chunk", "generate", "split", "index", "train", "evaluate", "export", "parity"),
        _report,
        uses_model=True,
        also=("gguf", "endpoint", "benchmark"),
        revision=2,
        files=_beside_stages,
    ),
)


def journey(project: Project) -> tuple[Stage, ...]:
    """The stages that the recipe asks for, in order."""
    return tuple(candidate for candidate in STAGES if candidate.is_wanted(project))


def stage(name: str) -> Stage:
    """The stage called `name`."""
    for candidate in STAGES:
        if candidate.name == name:
            return candidate
    raise LoresmithError(f"There is no stage {name!r}.", next_step=f"Known: {', '.join(s.name for s in STAGES)}.")
