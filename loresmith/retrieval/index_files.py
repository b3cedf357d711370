"""What lies in an index folder beside the chunk table, and the text that stands for a chunk as a vector."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from loresmith.errors import ArtifactCorrupt
from loresmith.records import Chunk, Record
from loresmith.retrieval.tuning import Tuned

VECTORS = "vectors.npy"
FACTS = "index.json"

LONGEST_LEAD = 160
"""Characters of the heading path before a chunk; it must leave the window to the text."""


class IndexFacts(Record):
    """`index.json`: what a reader must know before it searches."""

    layout: int = 1
    embedder: str
    """Name of the plug-in whose vectors these are; questions must be embedded by the same."""
    dimensions: int
    store: str
    """Name of the plug-in that searches the vectors."""
    dense_weight: float
    """Weight of the vector ranking in the fusion; the lexical ranking has the rest."""
    chunks: int
    vectors: int
    """Rows of `vectors.npy`; more than `chunks` where chunks are longer than the embedder's window."""
    fusion: Literal["ranks", "scores"] = "ranks"
    cosine_weight: float = 0.65
    """As `dense_weight`, where scores are fused and where candidates are reranked."""
    rerank: Literal["off", "late"] = "off"
    """Whether the first candidates are compared with the question token by token."""
    late_weight: float = 0.5
    """What that comparison counts beside cosine and BM25."""
    diversity: float = 0.0
    """How much a passage loses for being like those before it."""
    tuned: Tuned | None = None
    """How the weight of the vectors was chosen, where it was tuned."""

    @property
    def weight(self) -> float:
        """Of the vectors in the fusion that is used."""
        return self.cosine_weight if self.fusion == "scores" else self.dense_weight

    def weighted(self, weight: float) -> "IndexFacts":
        """The same with another such weight."""
        name = "cosine_weight" if self.fusion == "scores" else "dense_weight"
        return self.model_copy(update={name: weight})


def read_facts(folder: Path) -> IndexFacts:
    """The facts of the index in `folder`.

    Raises:
        ArtifactCorrupt: they cannot be read.
    """
    try:
        return IndexFacts.model_validate_json((folder / FACTS).read_bytes())
    except (OSError, ValidationError) as fault:
        raise ArtifactCorrupt(folder, f"{FACTS} cannot be read", made_by="index") from fault


def lead(chunk: Chunk) -> str:
    """The title and headings that the chunk stands under, where its text does not say them itself."""
    path = dict.fromkeys(step.strip() for step in (chunk.title, *chunk.headings))
    missing = [step for step in path if step and step.lower() not in chunk.text[: 2 * LONGEST_LEAD].lower()]
    return " > ".join(missing)[-LONGEST_LEAD:]
