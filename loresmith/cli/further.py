"""What follows the examination: public benchmarks, and the further arms (the file's with `evaluate` or `export`)."""

from loresmith.artifact import MANIFEST, Artifact
from loresmith.pipeline import Project, stage

BENCHMARKS, FILE, SERVER = "benchmark", "gguf", "endpoint"


def with_evaluate(project: Project) -> tuple[str, ...]:
    """The examination, and what the recipe asks for besides; the file's arms only when there is a file."""
    return ("evaluate", *(name for name in (BENCHMARKS, FILE, SERVER) if _is_due(project, name)))


def reaches_hub(project: Project) -> bool:
    """Whether questions of public benchmarks have to come from the Hub."""
    return any(not one.data for one in project.recipe.evaluate.benchmarks)


def general_ability(made: Artifact) -> list[str]:
    """What the public benchmarks say, in a line."""
    return [str(made.manifest.notes["headline"])] if made.manifest.stage == BENCHMARKS else []


def after_export(project: Project) -> tuple[str, ...]:
    """The export and its parity exam, and the file's arms where there is an exam to compare them with."""
    is_due = stage(FILE).is_wanted(project) and _is_there(project, "evaluate")
    return ("export", "parity", *((FILE,) if is_due else ()))


def _is_due(project: Project, name: str) -> bool:
    return stage(name).is_wanted(project) and (name != FILE or _is_there(project, "export"))


def _is_there(project: Project, name: str) -> bool:
    return (project.path / stage(name).folder / MANIFEST).is_file()
