"""What the router learns from, is calibrated on and is examined with: questions of the projects' own splits.

It learns from training questions of most documents and is calibrated on those of the others, so that it is no surer
than it may be of a document that it has not seen; it is examined with the transfer exam, whose documents neither saw.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from loresmith.artifact import Artifact
from loresmith.errors import NothingKept
from loresmith.recipe.experts import RouterConfig
from loresmith.records import UNANSWERABLE, Question

TRAINED, EXAM = "train.jsonl", "transfer.jsonl"
SECTIONS = "sections.json"
FEWEST_DOCUMENTS = 8
"""Below, sections are held out for the calibration instead of documents."""
FEWEST_QUESTIONS = 20
"""To learn from, and to calibrate on, for each expert: a bound at one in twenty needs as many."""


@dataclass(frozen=True)
class Lessons:
    """One expert's questions."""

    learned: tuple[str, ...]
    held_out: tuple[str, ...]
    """For the calibration; of documents or sections that are not among those of `learned`."""


def lessons(expert: str, split: Artifact, sections: Mapping[str, str], config: RouterConfig) -> Lessons:
    """The questions that teach and calibrate the router about `expert`; the order of the split does not matter.

    `sections` tells the section of each chunk.

    Raises:
        NothingKept: too few questions for either.
    """
    rows = [row for row in split.rows(Question, TRAINED) if row.form == "short" and row.kind != UNANSWERABLE]
    aside = _held_out(rows, sections, config)
    is_by_document = _is_by_document(rows)
    place = {row.id: _place(row, sections, is_by_document) for row in rows}
    learned = _drawn([row for row in rows if place[row.id] not in aside], config.most_questions, config.seed)
    told = {row.question for row in learned}
    calibrating = [row for row in rows if place[row.id] in aside and row.question not in told]
    held_out = _drawn(calibrating, config.most_questions, config.seed, wordings=1)
    if min(len(learned), len(held_out)) < FEWEST_QUESTIONS:
        raise NothingKept(
            f"The expert {expert!r} has {len(learned)} questions to learn from and {len(held_out)} to calibrate on;"
            f" the router needs {FEWEST_QUESTIONS} of each.",
            next_step="Add documents to its project, raise `generate.max_facts`, or change `router.calibration`.",
        )
    return Lessons(tuple(row.question for row in learned), tuple(row.question for row in held_out))


def exam(split: Artifact) -> list[Question]:
    """One question of each fact of the transfer exam, in its order: documents that taught and calibrated nothing."""
    once: dict[str, Question] = {}
    for row in split.rows(Question, EXAM):
        if row.form == "short" and row.kind != UNANSWERABLE:
            once.setdefault(row.fact, row)
    return list(once.values())


def sections_of(generated: Path) -> dict[str, str]:
    """Chunk to its section, as `generate` left them in its folder; empty where it left none."""
    path = generated / SECTIONS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _held_out(rows: Sequence[Question], sections: Mapping[str, str], config: RouterConfig) -> AbstractSet[str]:
    """The places whose questions calibrate: drawn by lot until they have their share of the facts, but never all."""
    is_by_document = _is_by_document(rows)
    facts: dict[str, set[str]] = {}
    for row in rows:
        facts.setdefault(_place(row, sections, is_by_document), set()).add(row.fact)
    wanted = config.calibration * sum(map(len, facts.values()))
    chosen: set[str] = set()
    total = 0
    for place in sorted(facts, key=lambda place: _lot(config.seed, "calibration", place))[:-1]:
        if total >= wanted:
            break
        chosen.add(place)
        total += len(facts[place])
    return chosen


def _is_by_document(rows: Sequence[Question]) -> bool:
    return len({row.document for row in rows}) >= FEWEST_DOCUMENTS


def _place(row: Question, sections: Mapping[str, str], is_by_document: bool) -> str:
    return row.document if is_by_document else f"{row.document} {sections.get(row.chunk) or row.chunk}"


def _drawn(rows: Sequence[Question], most: int, seed: int, wordings: int | None = None) -> list[Question]:
    """At most `most` rows by lot, no question twice: a first wording of every fact before the second of any."""
    by_lot = sorted(rows, key=lambda row: _lot(seed, "wording", row.id))
    seen: dict[str, int] = {}
    turns: list[tuple[int, Question]] = []
    for row in by_lot:
        turns.append((seen.setdefault(row.fact, 0), row))
        seen[row.fact] += 1
    turns.sort(key=lambda pair: pair[0])  # stable: the lot decides within a turn
    once = {row.question: row for turn, row in reversed(turns) if wordings is None or turn < wordings}
    return [row for turn, row in turns if once.get(row.question) is row][:most]


def _lot(seed: int, *parts: str) -> bytes:
    return hashlib.sha256(" ".join((str(seed), *parts)).encode()).digest()
