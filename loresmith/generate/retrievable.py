"""Whether the project's own retrieval finds what a question rests on.

All chunks are embedded by the bundled MiniLM and indexed for full-text search, in a folder that goes again, and each
question is searched as the exam with sources searches it. A question counts as retrievable when its quote, and every
further piece of its evidence, lies in one of the first ten chunks found; of overlapping chunks any that holds it will
do.

Not covered: another embedder, store or weight of the recipe's `index`; the exam measures those.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loresmith.progress import Work
from loresmith.recipe import IndexConfig
from loresmith.records import Chunk, Evidence, Fact, Progress, Question
from loresmith.retrieval import chunk_table
from loresmith.retrieval.embedding import Embedded, embedded
from loresmith.retrieval.index_writer import write_files
from loresmith.retrieval.searcher import Searcher

FIRST = 10
NOT_FOUND = "retrieval does not find its passage"


def marked(questions: Sequence[Question], facts: Iterable[Fact], chunks: Sequence[Chunk]) -> Work[list[Question]]:
    """The questions in order, each with `retrievable` set; equal texts are searched once."""
    settings = IndexConfig()
    made = yield from embedded(chunks, settings.embedder, stage="generate")
    places: dict[str, tuple[Fact | Evidence, ...]] = {fact.id: (fact, *fact.also) for fact in facts}
    by_id = {chunk.id: chunk for chunk in chunks}
    found: dict[str, list[Chunk]] = {}
    rows = []
    with TemporaryDirectory() as folder, _searcher(Path(folder), chunks, made, settings) as searcher:
        for done, question in enumerate(questions, 1):
            if question.question not in found:
                passages = searcher.search(question.question, FIRST)
                found[question.question] = [by_id[passage.chunk] for passage in passages]
            holds = all(_is_held(place, found[question.question]) for place in places[question.fact])
            rows.append(question.model_copy(update={"retrievable": holds}))
            if done % 50 == 0 or done == len(questions):
                note = f"{sum(row.retrievable is True for row in rows)} found again"
                yield Progress(stage="generate", done=done, total=len(questions), note=note)
    return rows


def table(questions: Iterable[Question]) -> dict[str, Any]:
    """How many of the questions that were searched were found, in all and by kind."""
    searched: defaultdict[str, list[bool]] = defaultdict(list)
    for question in questions:
        if question.retrievable is not None:
            searched[question.kind].append(question.retrievable)
    kinds = {kind: {"questions": len(marks), "found": sum(marks)} for kind, marks in sorted(searched.items())}
    return {"first": FIRST, **_total(kinds.values()), "kinds": kinds}


def _total(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    counted = list(rows)
    return {key: sum(row[key] for row in counted) for key in ("questions", "found")}


def _is_held(place: Fact | Evidence, chunks: Iterable[Chunk]) -> bool:
    return any(
        chunk.document == place.document and chunk.start <= place.start and place.end <= chunk.end for chunk in chunks
    )


def _searcher(folder: Path, chunks: Sequence[Chunk], made: Embedded, settings: IndexConfig) -> Searcher:
    facts = write_files(folder, chunks, made, settings)
    return Searcher(chunk_table.ChunkTable(folder / chunk_table.FILE), made.vectors, facts)
