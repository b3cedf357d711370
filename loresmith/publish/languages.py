"""The languages of the documents, by the detector that also checks the questions."""

from collections import Counter

from loresmith.publish.expert import Expert
from loresmith.records import Chunk

MOST_PASSAGES = 200
"""Looked at, spread evenly over the documents; each costs about a millisecond."""
LEAST_SHARE = 0.1
"""Of the passages whose language is clear, so that a bibliography in other languages adds none."""


def languages_of(expert: Expert) -> list[str]:
    """ISO 639-1 codes, the commonest first; empty where nothing is clear."""
    from loresmith.generate.languages import language_of

    chunks = expert.made("chunk")
    if chunks is None:
        return []
    texts = [chunk.text for chunk in chunks.rows(Chunk)]
    step = max(1, len(texts) // MOST_PASSAGES)
    found = Counter(code for text in texts[::step] if (code := language_of(text)))
    least = LEAST_SHARE * found.total()
    return [code for code, number in found.most_common() if number >= least]
