from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk
from loresmith.artifact import Plan
from loresmith.errors import NothingKept
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig
from loresmith.records import Chunk, Document, Progress

TEXTS = {
    "a.md": "# A\n\nThe relief valve opens at 4 bar. " + "It is made of steel. " * 80,
    "b.md": "# B\n\nWords.\n\n# References\n\n[1] Nobody.",
}


def plan_for(documents: artifact.Artifact, **settings: Any) -> Plan:
    return Plan("chunk", ChunkConfig(**settings), {"ingest": documents})


def test_chunks_are_slices_of_their_documents_and_counts_balance(make_documents: Any, tmp_path: Path) -> None:
    documents = make_documents(TEXTS)
    made = finish(chunk.run(plan_for(documents), tmp_path / "chunks"))
    texts = {document.id: document.text for document in documents.rows(Document)}
    rows = list(made.rows(Chunk))
    assert all(row.text in texts[row.document][row.start : row.end] for row in rows)
    assert made.manifest.counts == {"kept": len(rows), "dropped": 1, "read": len(rows) + 1}
    assert made.manifest.reasons == {"references section": 1}


def test_progress_names_each_document(make_documents: Any, tmp_path: Path) -> None:
    seen: list[Progress] = []
    finish(chunk.run(plan_for(make_documents(TEXTS)), tmp_path / "chunks"), seen.append)
    assert [(step.done, step.total, step.note) for step in seen] == [(1, 2, "a.md"), (2, 2, "b.md")]


def test_the_same_documents_give_the_same_bytes(make_documents: Any, tmp_path: Path) -> None:
    documents = make_documents(TEXTS)
    made = [finish(chunk.run(plan_for(documents), tmp_path / name)) for name in ("one", "two")]
    assert made[0].manifest.content == made[1].manifest.content


def test_documents_of_references_alone_are_a_failure_that_leaves_the_old_chunks(
    make_documents: Any, tmp_path: Path
) -> None:
    finish(chunk.run(plan_for(make_documents(TEXTS)), tmp_path / "chunks"))
    with pytest.raises(NothingKept, match="1 references section"):
        finish(chunk.run(plan_for(make_documents({"r.md": "# References\n\n[1] X."})), tmp_path / "chunks"))
    assert artifact.read(tmp_path / "chunks", made_by="chunk").manifest.counts["kept"] > 1


def test_pdf_markdown_of_a_real_paper_keeps_every_table_row(
    shared_data: Path, make_documents: Any, tmp_path: Path
) -> None:
    text = (shared_data / "pdf" / "latex_truth" / "1706.03762" / "docling_groundtruth.md").read_text(encoding="utf-8")
    made = finish(chunk.run(plan_for(make_documents({"attention.md": text}), size=600), tmp_path / "chunks"))
    rows = {line for line in text.split("\n") if line.startswith("|")}
    assert len(rows) > 40
    assert rows <= {line for row in made.rows(Chunk) for line in row.text.split("\n")}
    assert max(len(row.text) for row in made.rows(Chunk) if row.kind == "prose") <= 600
