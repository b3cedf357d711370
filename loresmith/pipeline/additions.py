"""One more document, or one less, in a finished project: read, cut and indexed at once, and nothing else is touched.

The file goes into the project's `uploads/`. Questions, training and exams stay as they were and are stale from then on;
the next `loresmith run` takes the document into them. A process killed in between leaves the file, and the next run
reads it. Not covered: the documents that the recipe names, which belong to whoever keeps their folder.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import DROPPED, Artifact
from loresmith.errors import ArtifactMissing, LoresmithError, UserError
from loresmith.pipeline.project import Project
from loresmith.pipeline.runner import run_one
from loresmith.pipeline.sources import TESSERACT, UPLOADS, fingerprints, sources
from loresmith.pipeline.stages import stage
from loresmith.progress import Work
from loresmith.records import Chunk, Document, Question, Record

MADE_ANEW = ("ingest", "chunk", "index")


@dataclass(frozen=True)
class Added:
    """A document that is searchable now."""

    document: Document
    passages: int


class _Left(Record):
    """A row of what ingest set aside."""

    source: str
    reason: str


def add(project: Project, name: str, content: Path) -> Work[Added]:
    """Take the file `content` into the project as `uploads/NAME`; it is moved. The caller holds the project's lock.

    Raises:
        UserError: it cannot be read (then nothing stays of it), is there already, or the project has to be run first.
    """
    kept = project.path / UPLOADS / name
    sha256 = artifact.hash_file(content)
    require_made(project)
    documents = _made(project, "ingest")
    if kept.exists():
        raise UserError(f"There is a document {name} already.", next_step="Delete that one first, or choose a name.")
    if same := next((other for other, found in documents.manifest.inputs.items() if found == sha256), None):
        raise UserError(f"{name} is the same file as {same}.", next_step="There is nothing to add.")
    kept.parent.mkdir(exist_ok=True)
    content.replace(kept)
    try:
        yield from run_one(project, "ingest")
        document = _read(project, f"{UPLOADS}/{name}")  # before anything is cut or embedded
        yield from _anew(project)
    except LoresmithError:
        kept.unlink(missing_ok=True)
        with suppress(LoresmithError):
            yield from _anew(project)
        raise
    chunks = _made(project, "chunk").rows(Chunk)
    return Added(document, sum(chunk.document == document.id for chunk in chunks))


def remove(project: Project, name: str) -> Work[None]:
    """Delete the document `uploads/NAME` from the project and its index. The caller holds the project's lock.

    Raises:
        UserError: it did not come in through the page, or questions rest on it.
    """
    require_made(project)
    source = f"{UPLOADS}/{name}"
    kept = project.path / source
    if not kept.is_file():
        raise UserError(f"There is no uploaded document {name}.", next_step="Delete it in its folder, and run again.")
    if questions_about(project).get(source):
        raise UserError(
            f"Questions of this project rest on {name}.",
            next_step=f"Delete {kept}, then `loresmith run {project.path}`, which makes them anew.",
        )
    if _made(project, "ingest").manifest.counts.get("kept", 0) < 2:
        raise UserError(f"{name} is the only document.", next_step="Add another one first.")
    kept.unlink()
    yield from _anew(project)


def require_made(project: Project) -> None:
    """Nothing but uploads stands between the project's documents and its index.

    Raises:
        ArtifactMissing: the index was not made yet.
        UserError: documents or settings changed since, so that more than an upload would change.
    """
    made = {name: _made(project, name) for name in MADE_ANEW}
    if project.recipe.index.tune:
        raise UserError(
            "The index of this project is tuned on its questions (index.tune), which an upload has none of.",
            next_step=f"Put the file into the documents folder, then `loresmith run {project.path}`.",
        )
    now = fingerprints(sources(project.recipe.documents, project.recipe.ingest))
    same_settings = all(
        found.manifest.settings == stage(name).settings(project).model_dump(mode="json") for name, found in made.items()
    )
    if not same_settings or _named(now) != _named(made["ingest"].manifest.inputs):
        raise UserError(
            "The project's documents or settings changed since its index was made.",
            next_step=f"`loresmith run {project.path}` first.",
        )


def questions_about(project: Project) -> Mapping[str, int]:
    """How many questions there are about each document, by its source; empty before `generate`."""
    counted: dict[str, int] = {}
    try:
        for question in _made(project, "generate").rows(Question):
            counted[question.source] = counted.get(question.source, 0) + 1
    except ArtifactMissing:
        pass
    return counted


def _named(inputs: Mapping[str, str]) -> dict[str, str]:
    """The inputs that the recipe names."""
    return {name: found for name, found in inputs.items() if name != TESSERACT and not name.startswith(f"{UPLOADS}/")}


def _anew(project: Project) -> Work[None]:
    for name in MADE_ANEW:
        yield from run_one(project, name)


def _read(project: Project, source: str) -> Document:
    """What ingest made of `source`."""
    documents = _made(project, "ingest")
    for left in documents.rows(_Left, DROPPED):
        if left.source == source:
            raise UserError(
                f"{source.removeprefix(f'{UPLOADS}/')} cannot be read: {left.reason}.",
                next_step="Nothing of it was kept; save it in another format and try again.",
            )
    return next(one for one in documents.rows(Document) if one.source == source)


def _made(project: Project, name: str) -> Artifact:
    return artifact.read(project.path / stage(name).folder, made_by=f"{name} {project.path}")
