"""What kind of thing an answer is, by its form."""

import re

from loresmith.domains.timeline import DATE

NUMBER = re.compile(r"[~≈<>]?\s*[-+−]?\$?\d[\d.,]*(?:\s*[×x]\s*10\S+)?\s*(?:%|°|[^\W\d]\S*)?(?:\s+[^\W\d]\S*)?")
IDENTIFIER = re.compile(r"(?:CVE|CWE)-\d+.*")
PHRASE_WORDS, SENTENCE_WORDS = 5, 30
ANSWER_TYPES = (
    "letter", "yes or no", "year or date", "number", "identifier", "name or phrase", "sentence", "paragraph",
)  # fmt: skip


def answer_type(answer: str) -> str:
    """One of `ANSWER_TYPES`; a year is four digits, or fewer with an era."""
    plain = answer.strip().rstrip(".")
    if plain.lower() in ("yes", "no", "true", "false"):
        return "yes or no"
    if re.fullmatch(r"\d{4}", plain) or (DATE.fullmatch(plain) and re.search(r"[A-Za-z–-]", plain)):
        return "year or date"
    if NUMBER.fullmatch(plain):
        return "number"
    if IDENTIFIER.fullmatch(plain) and len(plain.split()) <= SENTENCE_WORDS:
        return "identifier"
    if len(plain.split()) <= PHRASE_WORDS:
        return "name or phrase"
    return "sentence" if len(plain.split()) <= SENTENCE_WORDS else "paragraph"
