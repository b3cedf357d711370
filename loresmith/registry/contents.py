"""What a version consists of: the recipe and every artifact of a project, and what they say about each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith import artifact
from loresmith.artifact import MANIFEST, Artifact
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import STAGES, Project
from loresmith.pipeline.project import FACTS, RECIPE
from loresmith.pipeline.stages import BENCHMARKS
from loresmith.records import Estimate
from loresmith.registry.records import Part, Score

RESULTS = "results.json"
MODEL = "model"
"""Name under which the base model's hash stands among a stage's inputs."""


@dataclass(frozen=True)
class Contents:
    """The artifacts of a project by stage, those of benchmarks as `benchmark:NAME`."""

    project: Project
    artifacts: Mapping[str, Artifact]

    def files(self) -> Iterator[tuple[Path, str, str | None]]:
        """Every file with its path in the version, and its sha256 where a manifest vouches for it."""
        for name in (RECIPE, FACTS):
            if (self.project.path / name).is_file():
                yield self.project.path / name, name, None
        for made in self.artifacts.values():
            folder = made.path.relative_to(self.project.path).as_posix()
            for name, (_, digest) in sorted(made.manifest.files.items()):
                yield made / name, f"{folder}/{name}", digest
            for path in sorted(made.path.rglob(MANIFEST)):  # also those of the benchmarks that a recipe asked
                yield path, f"{folder}/{path.relative_to(made.path).as_posix()}", None

    def parts(self) -> dict[str, Part]:
        """The artifacts as a version's record names them."""
        return {
            name: Part(
                folder=made.path.relative_to(self.project.path).as_posix(),
                content=made.manifest.content,
                made=made.manifest.version,
                files=len(made.manifest.files),
                size_bytes=sum(size for size, _ in made.manifest.files.values()),
            )
            for name, made in self.artifacts.items()
        }

    def apart(self) -> tuple[str, ...]:
        """Artifacts that were made from others than those beside them; ids of content, not times, decide."""
        return tuple(
            f"{name}: another {parent}"
            for name, made in self.artifacts.items()
            for parent, content in made.manifest.parents.items()
            if parent in self.artifacts and self.artifacts[parent].manifest.content != content
        )

    def content(self, stage: str) -> str | None:
        """The content hash of the artifact of `stage`."""
        return self.artifacts[stage].manifest.content if stage in self.artifacts else None

    def base_hash(self) -> str | None:
        """The base model's identity, as the first stage that used it wrote it down."""
        found = (made.manifest.inputs.get(MODEL) for made in self.artifacts.values())
        return next((identity for identity in found if identity), None)

    def parity(self) -> bool | None:
        """Whether the exported file passed; `None` where nothing says so."""
        passed = self.artifacts["parity"].manifest.notes.get("passed") if "parity" in self.artifacts else None
        return None if passed is None else bool(passed)

    def examined(self) -> tuple[tuple[Score, ...], str | None]:
        """Each arm's accuracy in each exam, and the verdict; nothing where no exam was held."""
        if "evaluate" not in self.artifacts:
            return (), None
        try:
            found = _Exam.model_validate_json((self.artifacts["evaluate"] / RESULTS).read_bytes())
        except (OSError, ValidationError):
            return (), None
        cells = tuple(
            Score(arm=cell.arm, exam=cell.exam, accuracy=cell.accuracy) for cell in found.cells if cell.form == "all"
        )
        return cells, found.verdict.headline if found.verdict else None


def contents_of(project: Project) -> Contents:
    """All that `project` holds, each artifact checked against its manifest.

    Raises:
        ArtifactMissing: it has no index, so that nothing could be answered from it.
        UserError: it has no recipe.
        ArtifactCorrupt: an artifact is not what its manifest says.
    """
    if not (project.path / RECIPE).is_file():
        raise UserError(
            f"{project.path} holds no {RECIPE}.", next_step="Run a stage first; it writes the recipe in force."
        )
    found: dict[str, Artifact] = {}
    for stage in STAGES:
        try:
            found[stage.name] = artifact.read(project.path / stage.folder, made_by=f"{stage.made_by} {project.path}")
        except ArtifactMissing:
            continue
    if "index" not in found:
        raise ArtifactMissing(project.path / "index", made_by=f"index {project.path}")
    asked = project.path / BENCHMARKS
    for folder in sorted(asked.iterdir()) if asked.is_dir() else ():
        if (folder / MANIFEST).is_file() and not folder.name.startswith("."):
            made = artifact.read(folder, made_by=f"benchmark {project.path}")
            found[f"benchmark:{folder.name}"] = made
    return Contents(project, found)


class _Cell(BaseModel):
    model_config = ConfigDict(extra="ignore")

    arm: str
    exam: str
    form: str
    accuracy: Estimate


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="ignore")

    headline: str


class _Exam(BaseModel):
    """What is read of an examination's results; another version may write more."""

    model_config = ConfigDict(extra="ignore")

    cells: tuple[_Cell, ...] = ()
    verdict: _Verdict | None = None
