"""Make the chunks searchable by words and by meaning.

Reads `chunks/` (rows: Chunk), writes `index/`: `chunks.sqlite` (every chunk, and full-text search over title, headings
and text), `vectors.npy` (float32 rows of length 1, memory-mapped when searched) and `index.json` (how to search them).
A chunk longer than the embedder's window gets one vector per window. Chunks that an index in `index/` already holds
keep their vectors, and a killed run goes on where it was; the files are made anew, so that nothing of a deleted chunk
is left in them. With `index.tune`, `split/` is a parent too; its training questions choose the weight of the fusion.

Not covered: changing a finished index in place.
"""

from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.progress import Work
from loresmith.records import Chunk, Question

TRAINED = "train.jsonl"
"""The questions of a split that training uses."""


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Leave a searchable index of every chunk in `target`.

    Raises:
        NothingKept: there is no chunk.
    """
    from loresmith.recipe import IndexConfig
    from loresmith.retrieval import journal
    from loresmith.retrieval.embedding import embedded
    from loresmith.retrieval.index_writer import tune, write_files
    from loresmith.retrieval.kept import kept_vectors

    settings = IndexConfig.model_validate(plan.settings)
    chunks = list(plan.parents["chunk"].rows(Chunk))
    with artifact.create(target, plan, resume=True) as draft:
        if not chunks:
            raise NothingKept(
                "There is no chunk to index.",
                next_step="Run `loresmith chunk` again; it says what was dropped and why.",
            )
        kept = kept_vectors(target, settings.embedder)
        made = yield from embedded(chunks, settings.embedder, stage="index", kept=kept, journals=draft.path)
        facts = write_files(draft.path, chunks, made, settings)
        journal.remove(draft.path)
        draft.counts["kept"] = len(chunks)
        draft.notes.update(vectors=len(made.vectors), dimensions=int(made.vectors.shape[1]))
        if settings.tune:
            questions = list(plan.parents["split"].rows(Question, TRAINED))
            found = tune(draft.path, chunks, questions, facts)
            draft.notes["tuned"] = found.model_dump(mode="json")
        draft.balance(len(chunks))
    return artifact.read(target, made_by="index")
