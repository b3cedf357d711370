"""Make the chunks searchable by words and by meaning.

Reads `chunks/` (rows: Chunk), writes `index/`: `chunks.sqlite` (every chunk, and full-text search over title, headings
and text), `vectors.npy` (float32 rows of length 1, memory-mapped when searched) and `index.json` (how to search them).
A chunk longer than the embedder's window gets one vector per window.

Not covered: adding to a finished index (it is made anew), tuning the fusion weight (it comes from the recipe).
"""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.progress import Work
from loresmith.records import Chunk


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Leave a searchable index of every chunk in `target`.

    Raises:
        NothingKept: there is no chunk.
    """
    from loresmith.recipe import IndexConfig
    from loresmith.retrieval.embedding import embedded
    from loresmith.retrieval.index_writer import write_files

    settings = IndexConfig.model_validate(plan.settings)
    chunks = list(plan.parents["chunk"].rows(Chunk))
    with artifact.create(target, plan) as draft:
        if not chunks:
            raise NothingKept(
                "There is no chunk to index.",
                next_step="Run `loresmith chunk` again; it says what was dropped and why.",
            )
        made = yield from embedded(chunks, settings.embedder, stage="index")
        write_files(draft.path, chunks, made, settings)
        draft.counts["kept"] = len(chunks)
        draft.notes.update(vectors=len(made.vectors), dimensions=int(made.vectors.shape[1]))
        draft.balance(len(chunks))
    return artifact.read(target, made_by="index")
