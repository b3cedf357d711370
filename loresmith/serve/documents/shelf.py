"""The documents of a project as its artifacts have them: read once, looked at again when the artifact was made anew."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from loresmith.artifact import DROPPED, MANIFEST, ROWS, Artifact
from loresmith.pipeline import Project
from loresmith.pipeline.additions import questions_about
from loresmith.pipeline.sources import UPLOADS
from loresmith.records import Chunk, Document, Record
from loresmith.serve.documents.outline import Outline, outline_of
from loresmith.serve.expert import finished


class Left(Record):
    """A file that was set aside, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A document of the list."""

    id: str
    source: str
    title: str
    format: str
    pages: int | None
    sha256: str
    outline: Outline
    passages: int
    questions: int
    offset: int
    """Where its row begins in the artifact's file."""

    @property
    def upload(self) -> str | None:
        """Its name, where it came in through the page."""
        lead = f"{UPLOADS}/"
        return self.source.removeprefix(lead) if self.source.startswith(lead) else None


@dataclass(frozen=True)
class Standing:
    """What stood on the shelf when it was looked at."""

    entries: tuple[Entry, ...]
    left: tuple[Left, ...]
    rows: Path | None
    starts: Mapping[str, int] = field(default_factory=dict)
    """Where each passage begins in its document's text, by the id of its chunk."""

    def entry(self, identity: str) -> Entry | None:
        """The document called `identity`."""
        return next((one for one in self.entries if one.id == identity), None)

    def document(self, entry: Entry) -> Document:
        """The whole document of `entry`."""
        assert self.rows is not None
        with self.rows.open("rb") as rows:
            rows.seek(entry.offset)
            return Document.model_validate_json(rows.readline())


class Shelf:
    """The documents of whatever project is in place."""

    def __init__(self, project: Callable[[], Project]) -> None:
        self._project = project
        self._lock = Lock()
        self._seen: tuple[object, ...] = ()
        self._standing = Standing((), (), None)

    @property
    def project(self) -> Project:
        """The project in place."""
        return self._project()

    def standing(self) -> Standing:
        """What stands there now.

        Raises:
            ArtifactCorrupt: an artifact is damaged.
        """
        with self._lock:
            project = self._project()
            seen = (project.path, *(_stamp(project.path / name) for name in ("documents", "chunks", "questions")))
            if seen != self._seen:
                self._standing, self._seen = _read(project), seen
            return self._standing


def _read(project: Project) -> Standing:
    made = finished(project, "ingest")
    if made is None:
        return Standing((), (), None)
    passages: dict[str, int] = {}
    starts: dict[str, int] = {}
    cut = finished(project, "chunk")
    for chunk in cut.rows(Chunk) if cut else ():
        passages[chunk.document] = passages.get(chunk.document, 0) + 1
        starts[chunk.id] = chunk.start
    questions = questions_about(project)
    entries, offset = [], 0
    with (made / ROWS).open("rb") as rows:
        for line in rows:
            document = Document.model_validate_json(line)
            entries.append(
                Entry(
                    **document.model_dump(include={"id", "source", "title", "format", "pages", "sha256"}),
                    outline=outline_of(document.text),
                    passages=passages.get(document.id, 0),
                    questions=questions.get(document.source, 0),
                    offset=offset,
                )
            )
            offset += len(line)
    return Standing(tuple(entries), tuple(_left(made)), made / ROWS, starts)


def _left(made: Artifact) -> list[Left]:
    path = made / DROPPED
    if not path.is_file():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Left(source=str(row["source"]), reason=str(row["reason"])) for row in rows]


def _stamp(folder: Path) -> tuple[int, int] | None:
    """Changes when the artifact in `folder` is made anew."""
    try:
        told = (folder / MANIFEST).stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ino
