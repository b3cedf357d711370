"""Finished batches, each stored at once, so that a killed examination asks no question twice.

Parts lie in `parts/` of the draft and go when the whole log is written. The order of the last steps makes any instant
safe to die at: rows, then results, then the parts are removed; results present means that the rows are whole.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from loresmith.artifact import ROWS, AnyRecord, read_rows, write_whole
from loresmith.errors import ArtifactCorrupt
from loresmith.records import Record

RESULTS = "results.json"
LOOKUPS, SUPPORTS, WEIGHED, SPECIAL = "retrieval.jsonl", "support.jsonl", "texts.jsonl", "adapters.jsonl"
"""The logs beside the grades: what was looked up, what answers rest on, held-out text, adapters of single domains."""
PARTS = "parts"


class Journal:
    """The parts below one draft folder."""

    def __init__(self, draft: Path) -> None:
        self._draft = draft
        self._parts = draft / PARTS

    def stored(self, name: str, kind: type[AnyRecord], questions: Sequence[str]) -> list[AnyRecord] | None:
        """The part `name` if it holds one row for each of `questions`, in their order; else `None`."""
        path = self._parts / f"{name}.jsonl"
        if not path.is_file():
            return None
        try:
            rows = list(read_rows(path, kind, made_by="evaluate"))
        except (ArtifactCorrupt, UnicodeDecodeError):
            return None  # a damaged part is asked again; nothing is built on it
        return rows if [getattr(row, "question", None) for row in rows] == list(questions) else None

    def store(self, name: str, rows: Sequence[Record]) -> None:
        """Keep the part `name`; after this returns, no kill can lose it."""
        self._parts.mkdir(exist_ok=True)
        write_whole(self._parts / f"{name}.jsonl", lines(rows))

    def finished(self, kind: type[AnyRecord], name: str = ROWS) -> list[AnyRecord] | None:
        """The whole log `name`, if an earlier attempt got as far as the results."""
        if not (self._draft / RESULTS).is_file():
            return None
        return list(read_rows(self._draft / name, kind, made_by="evaluate"))

    def close(self) -> None:
        """Remove the parts; the caller has written rows and results."""
        shutil.rmtree(self._parts, ignore_errors=True)


def lines(rows: Sequence[Record]) -> str:
    """`rows` as JSON Lines."""
    return "".join(f"{row.model_dump_json()}\n" for row in rows)
