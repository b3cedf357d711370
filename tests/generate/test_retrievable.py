"""The bundled embedder and full-text search over chunks of bees, among which one speaks of a valve."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk, generate
from loresmith.artifact import Artifact, Plan
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.questions import question_of
from loresmith.generate.retrievable import FIRST, NOT_FOUND, marked, table
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, GenerateConfig, IngestConfig, load
from loresmith.records import Chunk, Document, Evidence, Fact, Question

VALVE = "The relief valve opens at 4 bar."
BEES = [f"Worker bees of hive {number} fly for nectar and dance for other bees." for number in range(12)]
WHEN, FLY = "When does the relief valve open?", "What do worker bees fly for?"

MakeChunk = Callable[..., Chunk]


@pytest.fixture
def chunks(chunk_of: MakeChunk) -> list[Chunk]:
    texts = [VALVE, *BEES]
    return [chunk_of(text, id=f"{place:016}", document=f"d{place}", headings=()) for place, text in enumerate(texts)]


def fact_in(held: Chunk, **fields: Any) -> Fact:
    return fact_of(Claim("number", held.text, "", "4 bar", ()), held).model_copy(update=fields)


def marks(texts: list[str], fact: Fact, chunks: list[Chunk]) -> list[bool | None]:
    rows = [question_of(fact, "short", place, text, method="m") for place, text in enumerate(texts)]
    return [row.retrievable for row in finish(marked(rows, [fact], chunks))]


def test_a_question_is_found_by_its_own_words_and_not_by_those_of_other_chunks(chunks: list[Chunk]) -> None:
    assert marks([WHEN, FLY], fact_in(chunks[0]), chunks) == [True, False]


def test_of_overlapping_chunks_any_that_holds_the_quote_will_do(chunks: list[Chunk]) -> None:
    fact = fact_in(chunks[0], chunk="f" * 16)
    assert marks([WHEN], fact, chunks) == [True]
    assert marks([WHEN], fact.model_copy(update={"end": fact.end + 1}), chunks) == [False]
    assert marks([WHEN], fact.model_copy(update={"document": "other"}), chunks) == [False]


def test_every_piece_of_evidence_has_to_be_found(chunks: list[Chunk], chunk_of: MakeChunk) -> None:
    def resting_on(chunk: Chunk) -> Fact:
        place = {"chunk": chunk.id, "document": chunk.document, "source": chunk.source, "page": None}
        also = Evidence.model_validate({**place, "start": chunk.start, "end": chunk.end, "quote": chunk.text})
        return fact_in(chunks[0], also=(also,))

    lost = chunk_of("Rye bread keeps for a week.", id="e" * 16, document="rye", headings=())
    near = chunk_of("The relief valve is made of brass.", id="b" * 16, document="brass", headings=())
    assert marks([WHEN], resting_on(lost), [*chunks, lost, near]) == [False]
    assert marks([WHEN], resting_on(near), [*chunks, lost, near]) == [True]


def test_the_table_counts_what_was_searched_by_kind(chunks: list[Chunk]) -> None:
    fact = fact_in(chunks[0])
    rows = [question_of(fact, "short", place, text, method="m") for place, text in enumerate((WHEN, FLY))]
    other = rows[0].model_copy(update={"id": "o", "kind": "date"})
    searched = finish(marked([*rows, other], [fact], chunks))
    assert table([*searched, rows[0]]) == {
        "first": FIRST,
        "questions": 3,
        "found": 2,
        "kinds": {"date": {"questions": 1, "found": 1}, "number": {"questions": 2, "found": 1}},
    }


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Artifact]:
    """The whole stage on a row with two wordings that are found and one that is not."""
    with artifact.create(tmp_path / "documents", Plan("ingest", IngestConfig())) as draft:
        for place, text in enumerate((VALVE, *BEES)):
            known = {"id": f"{place:016}", "title": "", "format": "md", "pages": None, "sha256": "0" * 64}
            draft.keep(Document.model_validate({**known, "source": f"{place}.md", "text": text}))
    documents = artifact.read(tmp_path / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": documents}), tmp_path / "chunks"))
    asked = [WHEN, "At what pressure does the relief valve open?", FLY]
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"quote": VALVE, "answer": "4 bar", "questions": asked}) + "\n", encoding="utf-8")

    def make(retrievable: str) -> Artifact:
        config = GenerateConfig.model_validate({"teacher": f"scripted:{rows}", "retrievable": retrievable})
        plan = Plan("generate", config, {"ingest": documents, "chunk": chunks})
        return finish(generate.run(plan, tmp_path / retrievable / "questions"))

    return make


def test_a_mark_leaves_every_question_and_a_drop_takes_those_that_are_not_found(made: Callable[..., Artifact]) -> None:
    off, mark, drop = (made(setting) for setting in ("off", "mark", "drop"))
    assert [row.retrievable for row in off.rows(Question)] == [None] * 4
    assert {row.question: row.retrievable for row in mark.rows(Question)}[FLY] is False
    assert mark.manifest.counts == off.manifest.counts
    assert [row.question for row in drop.rows(Question)] == [
        row.question for row in mark.rows(Question) if row.question != FLY
    ]
    assert drop.manifest.reasons[NOT_FOUND] == 1
    assert drop.manifest.counts["read"] == drop.manifest.counts["kept"] + drop.manifest.counts["dropped"]
    assert "retrievable" not in off.manifest.notes
    assert mark.manifest.notes["retrievable"] == drop.manifest.notes["retrievable"]
    assert (mark.manifest.notes["retrievable"]["questions"], mark.manifest.notes["retrievable"]["found"]) == (4, 3)


def test_a_bare_off_in_yaml_is_off(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("name: x\ngenerate:\n  retrievable: off\n", encoding="utf-8")
    assert load(path).generate.retrievable == "off"
