"""Claims about list lines: `Optimizer: AdamW` under a heading says what the optimizer is."""

import re
from collections.abc import Iterator

from loresmith.generate.claims import Claim
from loresmith.generate.frames import place_words
from loresmith.generate.plain import decapitalised
from loresmith.generate.prose import items_of
from loresmith.generate.selfcontained import stands_alone
from loresmith.records import Chunk

_SENTENCE_LIKE = re.compile(
    r"[.;!?]\s|\b(?:is|are|was|were|has|have|can|will|should|must|may|we|you|it)\b", re.IGNORECASE
)
_BROKEN_OFF = re.compile(r"(?:[:,(\[-]|\b(?:a|an|the|with|of|to|in|on|for|and|or|by|as|from|un))$", re.IGNORECASE)


def listed_claims(chunk: Chunk) -> Iterator[Claim]:
    """One claim per line whose label is a noun phrase and whose value is short."""
    section = place_words(chunk)
    for item in items_of(chunk):
        if item.defines:
            continue
        value = item.rest.rstrip(". ")
        short = len(value.split()) <= 8 and not _SENTENCE_LIKE.search(value) and not _SENTENCE_LIKE.search(item.label)
        if (
            _BROKEN_OFF.search(value)
            or item.label[0].isdigit()
            or not short
            or len(item.label.split()) > 4
            or not re.search(r"[A-Za-z]{3}", item.label)
            or not stands_alone(item.rest)
        ):
            continue
        label = decapitalised(item.label)
        asked = (
            f"What does {section} give for “{item.label}”?",
            f"Complete the line in {section}: {item.label}: ____",
            f"Which entry stands behind “{item.label}” in {section}?",
            f"State the entry for {label} from {section}.",
            f"In {section}, what follows “{item.label}”?",
            f"Look up “{item.label}” in {section}. What is the answer?",
        )
        yield Claim("listed", item.quote, item.label, value, asked)
