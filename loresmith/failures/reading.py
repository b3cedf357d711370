"""The logs of an examination, from the artifacts in which its stages left them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import AnyRecord, Artifact
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, UserError
from loresmith.failures.cases import Held, Logs, Looked, sections_of
from loresmith.records import UNANSWERABLE, Chunk, Grade, Question

EXAMS = ("recall", "transfer", UNANSWERABLE)
LOOKUPS, SUPPORTS = "retrieval.jsonl", "support.jsonl"
FOLDERS = {"evaluate": "exam", "gguf": "exam-gguf", "endpoint": "exam-endpoint"}
"""Stage to its folder: the examination, then the arms that sat it afterwards."""


def logs_of(parents: Mapping[str, Artifact]) -> Logs:
    """The logs in `parents`, by stage; a log that is not there is empty.

    Raises:
        ArtifactCorrupt: a row is damaged.
    """
    sat = [parents[stage] for stage in FOLDERS if stage in parents]
    questions = (_rows(parents.get("split"), Question, f"{exam}.jsonl") for exam in EXAMS)
    held = [row for made in sat for row in _rows(made, Held, SUPPORTS)]
    return Logs(
        grades=tuple(grade for made in sat for grade in made.rows(Grade)),
        questions={question.id: question for rows in questions for question in rows},
        sections=sections_of(_rows(parents.get("chunk"), Chunk, artifact.ROWS)),
        looked={row.question: row for row in _rows(parents.get("evaluate"), Looked, LOOKUPS)},
        held={(row.arm, row.question): row for row in held},
    )


def project_logs(project: Path) -> Logs:
    """The logs of the project in the folder `project`, as they lie there.

    Raises:
        ArtifactMissing: nothing was examined.
        UserError: the exam was held on another split than the one that lies there now.
    """
    parents = {"evaluate": artifact.read(project / FOLDERS["evaluate"], made_by=f"evaluate {project}")}
    parents["split"] = artifact.read(project / "split", made_by=f"split {project}")
    exam = parents["evaluate"].manifest
    if exam.parents.get("split") != parents["split"].manifest.content:
        raise UserError(
            f"The exam in {project} was held on other questions than those in its split now.",
            next_step=f"Run `loresmith evaluate {project}` again.",
        )
    for stage, folder in (("chunk", "chunks"), ("gguf", FOLDERS["gguf"]), ("endpoint", FOLDERS["endpoint"])):
        made = _finished(project / folder, stage)
        if made is not None and made.manifest.parents.get("evaluate", exam.content) == exam.content:
            parents[stage] = made
    return logs_of(parents)


def decision_of(made: Artifact | Path) -> str | None:
    """The arm that the verdict of an examination chose; `None` where there is none."""
    folder = made if isinstance(made, Path) else made.path
    try:
        found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        return str(found["verdict"]["decision"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _finished(folder: Path, stage: str) -> Artifact | None:
    try:
        return artifact.read(folder, made_by=stage)
    except (ArtifactMissing, ArtifactCorrupt):
        return None  # it adds to the exam, which stands without it


def _rows(made: Artifact | None, kind: type[AnyRecord], name: str) -> Iterable[AnyRecord]:
    return made.rows(kind, name) if made is not None and (made / name).is_file() else ()
