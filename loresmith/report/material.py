"""Everything that a report is made from, read once from the artifacts that are there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

from loresmith.artifact import DROPPED, ROWS, Artifact
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.models import locate
from loresmith.models.locate import ModelSource
from loresmith.recipe import Recipe
from loresmith.recipe.settings import ReportSettings
from loresmith.records import UNANSWERABLE, Chunk, Document, Grade, Question
from loresmith.report.exam import FURTHER, Exam, joined, read_exam, read_further

EXAMS = ("recall", "transfer", UNANSWERABLE)


@dataclass(frozen=True)
class Source:
    """A document as the report lists it; its text is not kept in memory."""

    id: str
    source: str
    title: str
    format: str
    pages: int | None
    sha256: str
    characters: int


@dataclass(frozen=True)
class Material:
    """Artifacts by stage, and what is read from them. A stage that is not there gives nothing."""

    settings: ReportSettings
    parents: Mapping[str, Artifact]
    benchmarks: Mapping[str, Path] = field(default_factory=dict)
    """Results of public benchmarks, by name."""
    judged: Mapping[str, Path] = field(default_factory=dict)
    """Files of the blind comparisons, by name."""

    @property
    def recipe(self) -> Recipe:
        """The recipe in force."""
        return self.settings.recipe

    def notes(self, stage: str) -> dict[str, Any]:
        """What a stage wrote down about itself; empty where it is not there."""
        return dict(self.parents[stage].manifest.notes) if stage in self.parents else {}

    def reasons(self, stage: str) -> dict[str, int]:
        """Dropped rows of a stage by reason."""
        return dict(self.parents[stage].manifest.reasons) if stage in self.parents else {}

    def counts(self, stage: str) -> dict[str, int]:
        """Rows of a stage: read, kept, dropped."""
        return dict(self.parents[stage].manifest.counts) if stage in self.parents else {}

    def json_lines(self, stage: str, name: str) -> list[dict[str, Any]]:
        """The objects of a JSON Lines file; none where stage or file is not there."""
        if stage not in self.parents or not (self.parents[stage] / name).is_file():
            return []
        with (self.parents[stage] / name).open(encoding="utf-8") as lines:
            try:
                return [json.loads(line) for line in lines]
            except ValueError as fault:
                raise ArtifactCorrupt(self.parents[stage].path, name, made_by=stage) from fault

    @cached_property
    def documents(self) -> list[Source]:
        """What was read."""
        if "ingest" not in self.parents:
            return []
        return [
            Source(d.id, d.source, d.title, d.format, d.pages, d.sha256, len(d.text))
            for d in self.parents["ingest"].rows(Document)
        ]

    @cached_property
    def set_aside(self) -> list[tuple[str, str]]:
        """(source, reason) of what could not be read."""
        return [(str(row.get("source", "")), str(row["reason"])) for row in self.json_lines("ingest", DROPPED)]

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The exam questions by id."""
        if "split" not in self.parents:
            return {}
        exams = (self.parents["split"].rows(Question, f"{exam}.jsonl") for exam in EXAMS)
        return {question.id: question for rows in exams for question in rows}

    @cached_property
    def sections(self) -> dict[str, str]:
        """The heading under which each chunk stands, the outermost below the document's title, by the chunk's id."""
        if "chunk" not in self.parents:
            return {}
        found = {}
        for chunk in self.parents["chunk"].rows(Chunk):
            below = [heading for heading in chunk.headings if heading != chunk.title]
            found[chunk.id] = below[0] if below else ""
        return found

    def subject(self, source: str) -> str:
        """The domain to which a document belongs: that of the recipe's adapters, else the folder it lies in."""
        for adapter in self.recipe.train.adapters:
            if any(fnmatch(source, pattern) for pattern in adapter.documents):
                return adapter.name
        return source.split("/")[0] if "/" in source else ""

    @cached_property
    def grades(self) -> list[Grade]:
        """The log of the examination."""
        return list(self.parents["evaluate"].rows(Grade, ROWS)) if "evaluate" in self.parents else []

    @cached_property
    def all_grades(self) -> list[Grade]:
        """The log of the examination, then those of the arms that sat it afterwards."""
        further = (self.parents[stage].rows(Grade, ROWS) for stage in FURTHER if stage in self.parents)
        return [*self.grades, *(grade for rows in further for grade in rows)]

    @cached_property
    def exam(self) -> Exam | None:
        """The figures of the examination, with those of the arms that sat it afterwards."""
        if "evaluate" not in self.parents:
            return None
        further = (read_further(self.parents[stage]) for stage in FURTHER if stage in self.parents)
        return reduce(joined, further, read_exam(self.parents["evaluate"]))

    @cached_property
    def parity(self) -> dict[str, Any] | None:
        """`parity/results.json`, if the exported file was examined."""
        if "parity" not in self.parents:
            return None
        try:
            found = json.loads((self.parents["parity"] / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise ArtifactCorrupt(self.parents["parity"].path, "results.json", made_by="parity") from fault
        return dict(found)

    @cached_property
    def model(self) -> ModelSource | None:
        """Where the base model lies; `None` where it is gone since."""
        try:
            return locate.find(self.recipe.model.base, self.recipe.model.revision)
        except UserError:
            return None

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        """The measurements of the training."""
        return self.json_lines("train", "log.jsonl")
