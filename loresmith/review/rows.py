"""The rows of a project that can be reviewed, as they were proposed, each with the passages that it rests on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.decisions import REVIEW, key_of
from loresmith.errors import ArtifactCorrupt
from loresmith.generate import FACTS
from loresmith.generate.reviewed import REVIEWED, Reviewed
from loresmith.records import Chunk, Document, Fact, Question
from loresmith.review.passages import Passage, Span, passage_of

QUESTIONS = "questions"


@dataclass(frozen=True)
class Row:
    """One question as it was proposed; an edit is a decision about it, not another row."""

    key: str
    question: Question
    span: Span
    """Of its quote in the document's text."""
    dropped: str | None = None
    """Why the review, or what came of it, left it out of the questions; `None` when it is among them."""


class Rows:
    """All rows of `questions/` as they were when they were opened, in the order of the documents."""

    def __init__(self, made: Artifact, chunks: Mapping[str, Chunk], texts: Mapping[str, str]) -> None:
        """`texts` maps a document's id to its text.

        Raises:
            ArtifactCorrupt: a question names a chunk that is not there.
        """
        self.inputs = made.manifest.inputs.get(REVIEW)
        """sha256 of the decisions that the questions were made with; `None`: there were none."""
        self._chunks, self._texts = chunks, texts
        self._by_key: dict[str, Row] = {}
        for row in _rows(made):
            self._by_key.setdefault(row.key, row)
        if any(chunk not in chunks for row in self for chunk in _chunks_of(row.question)):
            raise ArtifactCorrupt(made.path, "its questions are not about these chunks", made_by="generate")

    @classmethod
    def open(cls, project: Path) -> "Rows":
        """The rows of the project folder `project`.

        Raises:
            ArtifactMissing: `loresmith generate` has not finished there.
            ArtifactCorrupt: what it made is damaged, or the passages were made anew since.
        """
        made = artifact.read(project / QUESTIONS, made_by="generate")
        chunks = artifact.read(project / "chunks", made_by="chunk").rows(Chunk)
        documents = artifact.read(project / "documents", made_by="ingest").rows(Document)
        return cls(made, {chunk.id: chunk for chunk in chunks}, {one.id: one.text for one in documents})

    def __iter__(self) -> Iterator[Row]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Row | None:
        """The row with that key."""
        return self._by_key.get(key)

    def passages(self, row: Row) -> tuple[Passage, ...]:
        """What `row` rests on: the passage of its quote first, then those of its further evidence."""
        spans: dict[str, list[Span]] = {row.question.chunk: [row.span]}
        pages = {row.question.chunk: row.question.page}
        for part in row.question.also:
            spans.setdefault(part.chunk, []).append((part.start, part.end))
            pages.setdefault(part.chunk, part.page)
        return tuple(
            passage_of(self._chunks[chunk], self._texts[self._chunks[chunk].document], marked, pages[chunk])
            for chunk, marked in spans.items()
        )


def _rows(made: Artifact) -> Iterator[Row]:
    """Rows that nobody touched as they are, and those that somebody did as they were before, fact by fact."""
    spans = {fact.id: (fact.start, fact.end) for fact in made.rows(Fact, FACTS)}
    touched = [Row(one.key, one.row, (one.start, one.end), one.dropped) for one in made.rows(Reviewed, REVIEWED)]
    known = {row.question.id for row in touched}
    untouched = (
        Row(key_of(question), question, spans[question.fact])
        for question in made.rows(Question)
        if question.id not in known
    )
    return iter(sorted((*untouched, *touched), key=_place))


def _place(row: Row) -> tuple[str, Span, str, bool, int]:
    """Where a row stands in the list: no decision moves it, and the wordings of a fact stay together."""
    question = row.question
    return question.source, row.span, question.fact, question.form == "choice", question.wording


def _chunks_of(question: Question) -> tuple[str, ...]:
    return (question.chunk, *(part.chunk for part in question.also))
