"""Whether what was found has anything to do with the question; if not, the expert says so instead of guessing.

The bounds are for all-MiniLM-L6-v2 and err on the side of answering.

Not covered: questions that sound like the documents and are not answered by them; there the model has to refuse.
"""

from collections.abc import Sequence

from loresmith.records import Passage
from loresmith.retrieval.searcher import Hit
from loresmith.retrieval.terms import content_terms, share_covered

LEAST_COSINE = 0.45
"""From here on a passage is about the same matter, even without a common word; random letters reach 0.33."""
LEAST_COSINE_WITH_WORDS = 0.27
"""The bound where a telling word of the question occurs in the passage as well."""
LEAST_COVERED = 0.6
"""Share of the question's telling words that a passage must hold to count whatever its cosine."""


def relevant(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are about the matter of `question`, by their meaning or by their words, in order."""
    needed = content_terms(question)
    return [hit for hit in hits if _is_about(needed, hit.passage, hit.cosine, hit.bm25)]


def is_relevant(question: str, passage: Passage) -> bool:
    """Whether a passage that was found for `question` is about its matter."""
    return _is_about(content_terms(question), passage, passage.cosine, passage.bm25)


def _is_about(needed: Sequence[str], passage: Passage, cosine: float | None, bm25: float | None) -> bool:
    bound = LEAST_COSINE if bm25 is None else LEAST_COSINE_WITH_WORDS
    if cosine is not None and cosine >= bound:
        return True
    if bm25 is None:
        return False
    return share_covered(needed, content_terms(f"{passage.title} {passage.text}")) >= LEAST_COVERED
