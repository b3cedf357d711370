"""Which verb lets the further arms sit: `evaluate`, and for the file `export`, whichever comes last."""

from loresmith.artifact import MANIFEST
from loresmith.pipeline import Project, stage

FILE, SERVER = "gguf", "endpoint"


def with_evaluate(project: Project) -> tuple[str, ...]:
    """The examination, and the further arms that the recipe asks for; the file's only when there is a file."""
    return ("evaluate", *(name for name in (FILE, SERVER) if _is_due(project, name)))


def after_export(project: Project) -> tuple[str, ...]:
    """The export and its parity exam, and the file's arms where there is an exam to compare them with."""
    is_due = stage(FILE).is_wanted(project) and _is_there(project, "evaluate")
    return ("export", "parity", *((FILE,) if is_due else ()))


def _is_due(project: Project, name: str) -> bool:
    return stage(name).is_wanted(project) and (name != FILE or _is_there(project, "export"))


def _is_there(project: Project, name: str) -> bool:
    return (project.path / stage(name).folder / MANIFEST).is_file()
