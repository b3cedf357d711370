"""Full-text search with SQLite FTS5: porter stems, BM25, and questions that can hold anything.

Not covered: phrases and operators as the user's syntax (they are searched as words), text without spaces between words.
"""

import re
import sqlite3
from collections.abc import Iterable

from loresmith.retrieval.terms import STOP_WORDS

MOST_TERMS = 64
"""Distinct words of a question that are searched; a pasted page would otherwise read half the index."""
WEIGHTS = (1.0, 1.0, 1.0)
"""BM25 weights of title, headings, text; half as much for titles lost 0.003 nDCG@10 on the train queries of SciFact."""

TOKENIZE = "tokenize='porter unicode61 remove_diacritics 2'"
SCHEMA = f"""
CREATE VIRTUAL TABLE words USING fts5(
    title, headings, text, content='chunks', content_rowid='position', {TOKENIZE}
)
"""

_WORD = re.compile(r"[^\W_]+(?:[-_./'’]?[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")


def build(connection: sqlite3.Connection) -> None:
    """Index every row of the table `chunks`."""
    connection.execute(SCHEMA)
    connection.execute("INSERT INTO words(words) VALUES ('rebuild')")
    connection.execute("INSERT INTO words(words) VALUES ('optimize')")


def search(connection: sqlite3.Connection, question: str, k: int) -> list[tuple[int, float]]:
    """The `k` best rows as (position, BM25 score), best first, higher is better, equal scores in row order."""
    expression = match_expression(question)
    return matches(connection, expression, k) if expression and k > 0 else []


def matches(connection: sqlite3.Connection, expression: str, k: int = -1) -> list[tuple[int, float]]:
    """The rows that match an FTS5 expression, as `search` gives them; a negative `k` means all."""
    weights = ", ".join(str(weight) for weight in WEIGHTS)
    rows = connection.execute(
        f"SELECT rowid, bm25(words, {weights}) AS cost FROM words WHERE words MATCH ? ORDER BY cost, rowid LIMIT ?",
        (expression, k),
    )
    return [(int(position), -float(cost)) for position, cost in rows]


def match_expression(question: str) -> str:
    """`question` as an FTS5 expression: its words, any of which may match; empty when it has none."""
    return quoted(terms_of(question))


def quoted(terms: Iterable[str]) -> str:
    """An FTS5 expression that any of `terms` matches."""
    return " OR ".join(f'"{term}"' for term in terms)


def terms_of(question: str) -> list[str]:
    """What is searched of `question`: each once, in order, at most `MOST_TERMS`.

    Stop words are left out unless there is nothing else. A word with inner signs (`q4_k_m`, `fine-tuning`) counts as a
    phrase and by its parts.
    """
    found = [match.group().lower() for match in _WORD.finditer(question)]
    telling = [word for word in found if word not in STOP_WORDS] or found
    terms: dict[str, None] = {}
    for word in telling:
        parts = _PART.findall(word)
        if len(parts) > 1:
            terms[" ".join(parts)] = None
        terms.update(dict.fromkeys(part for part in parts if len(parts) == 1 or len(part) > 1))
    return list(terms)[:MOST_TERMS]
