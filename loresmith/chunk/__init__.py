"""Cut documents into chunks that can be retrieved, cited and questioned on their own.

Reads `documents/` (rows: Document), writes `chunks/` (rows: Chunk). Cuts fall between paragraphs, sentences and table
rows, never across a heading; a table stays whole or repeats its header. Reference lists and contents pages are dropped
with their reason: they answer no question and crowd out what does.

Not covered: token counts (lengths are characters), tables written as HTML, indented code blocks.
"""

from pathlib import Path
from typing import cast

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.progress import Work
from loresmith.recipe import ChunkConfig
from loresmith.records import Document, Progress


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Leave the chunks of every document in `target`.

    Raises:
        NothingKept: no document holds text that can be questioned.
    """
    from loresmith.chunk.cut import chunks_of, reason_to_drop

    config = cast(ChunkConfig, plan.settings)
    documents = plan.parents["ingest"]
    total = documents.manifest.counts.get("kept")
    read = 0
    with artifact.create(target, plan) as draft:
        for done, document in enumerate(documents.rows(Document), 1):
            for chunk in chunks_of(document, config):
                read += 1
                reason = reason_to_drop(chunk)
                if reason is None:
                    draft.keep(chunk)
                else:
                    draft.drop(chunk, reason)
            yield Progress(stage="chunk", done=done, total=total, note=document.source)
        if not draft.counts.get("kept"):
            raise NothingKept(
                f"None of {read} chunks can be used ({_reasons(draft.reasons)}).",
                next_step="Add documents with text; `loresmith ingest` says what was read from each.",
            )
        draft.balance(read)
    return artifact.read(target, made_by="chunk")


def _reasons(reasons: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "the documents hold no text"
