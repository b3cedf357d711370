"""The training stream: rows of corpus text and exercises, in drawn order, short and easy ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from training.starter import dressing, invented, lookups, packing, passages, reading, tables
from training.starter.corpus import CorpusMissing, Document, Reading
from training.starter.formats import PAD
from training.starter.packing import Packed, turns_of
from training.starter.passages import Page
from training.starter.tasks import Exchange, pick

EARLY = {"text": 0.25, "repeat": 0.08, "pairs": 0.13, "table": 0.05, "invented": 0.12, "taught": 0.02, "corpus": 0.35}
LATE = {"text": 0.18, "repeat": 0.02, "pairs": 0.03, "table": 0.12, "invented": 0.04, "taught": 0.05, "corpus": 0.56}
"""Shares of the tokens, before exercises are set into rows; what is left of a row is filled with text."""
EXERCISES = ("pairs", "table", "invented", "taught", "corpus")
SAMPLES = 600
"""Exercises of each kind that the tokenizer sees."""
TAUGHT_FACTS = 1_500
STORY_SHARE = 0.15
"""Share of the taught facts' batches that tell them as running text."""
POOL = 24
"""Exercises among which the one that fits the rest of a row is sought."""
ROOM = (700, 1_700)
"""Characters of an exercise's sources and turns in the early phase and in the late one."""
CLOSED_SHARE = 0.03
"""Share of the passages' questions that are asked without any passage."""
SHORT_SOURCE = 450
"""Characters of a passage in the early phase, whose rows hold 256 tokens."""


@dataclass(frozen=True)
class Phase:
    """A stretch of the stream whose rows hold `length` words."""

    rows: int
    length: int
    shares: dict[str, float]

    @property
    def is_early(self) -> bool:
        """Whether short passages and small tables are wanted."""
        return self.shares is EARLY


@dataclass(frozen=True)
class Material:
    """What exercises are drawn from: texts in random order, their pages, frequent words, and the taught facts."""

    texts: tuple[str, ...]
    pages: tuple[Page, ...]
    words: tuple[str, ...]
    taught: tuple[invented.Fact, ...]


def material(readings: Sequence[Reading], rng: np.random.Generator, held_out: bool) -> Material:
    """The material of the training documents, or of those held out."""
    texts = texts_of(readings, rng, held_out)
    documents = _documents(readings, held_out)
    prose = [d for d in documents if "shakespeare" not in d.source]
    store = dressing.wardrobe(d.text for d in prose)
    found = [page for d in prose for page in passages.pages(d.source, d.text, rng)]
    found += [page for d in prose for page in passages.pages(d.source, dressing.dressed(d.text, rng, store), rng)]
    if not found:
        raise CorpusMissing("The corpus is too small: at least 20 blocks of 12,000 characters of prose are needed.")
    counted: dict[str, int] = {}
    for page in found:
        for token in page.text.split():
            if token.isalpha() and token.islower() and len(token) > 3:
                counted[token] = counted.get(token, 0) + 1
    words = sorted(counted, key=lambda w: (-counted[w], w))[:2000]
    return Material(texts, tuple(found), tuple(words), tuple(invented.facts(rng, TAUGHT_FACTS)))


def texts_of(readings: Sequence[Reading], rng: np.random.Generator, held_out: bool) -> tuple[str, ...]:
    """The texts of the training documents, or of those held out, in random order."""
    documents = _documents(readings, held_out)
    return tuple(documents[int(i)].text for i in rng.permutation(len(documents)))


def _documents(readings: Sequence[Reading], held_out: bool) -> list[Document]:
    return [d for r in readings for d in r.documents if d.is_held_out == held_out]


def samples(stuff: Material, rng: np.random.Generator) -> list[str]:
    """Rendered exercises of every kind, for the tokenizer: the words of the prompts should be whole."""
    drawn = [one for kind in EXERCISES for one in draw(stuff, kind, SAMPLES, rng)]
    return ["".join(part for turn in turns_of(one) for part in turn) for one in drawn]


def build(stuff: Material, tokenizer: Tokenizer, phases: Sequence[Phase], rng: np.random.Generator) -> Packed:
    """The rows of all phases one after the other, and one word more."""
    cursor = _Cursor(packing.pack_text(tokenizer, list(stuff.texts)))
    rows = [row for phase in phases for row in _Maker(stuff, tokenizer, rng, phase).rows(cursor)]
    return np.concatenate([*rows, cursor.take(1)])


@dataclass
class _Cursor:
    """Goes round and round through the corpus."""

    texts: Packed
    place: int = 0

    def take(self, count: int) -> Packed:
        """The next `count` words."""
        at = np.arange(self.place, self.place + count) % len(self.texts)
        self.place = (self.place + count) % len(self.texts)
        return self.texts[at]


@dataclass
class _Maker:
    """Draws the rows of a phase; no exercise is cut by the end of a row."""

    stuff: Material
    tokenizer: Tokenizer
    rng: np.random.Generator
    phase: Phase

    def rows(self, cursor: _Cursor) -> Iterator[Packed]:
        """The phase's rows."""
        units = self._units()
        pool: list[Packed] = []
        for _ in range(self.phase.rows):
            if self.rng.random() < self.phase.shares["text"]:
                yield cursor.take(self.phase.length)
                continue
            row: list[Packed] = []
            left = self.phase.length
            while True:
                while len(pool) < POOL:
                    pool.append(next(units))
                place = next((number for number, unit in enumerate(pool) if len(unit) <= left), None)
                if place is None:
                    break
                unit = pool.pop(place)
                left -= len(unit)
                row.append(unit)
            yield np.concatenate([*row, cursor.take(left)])

    def _units(self) -> Iterator[Packed]:
        """Exercises of the phase's kinds without end, each begun by the pad token, by their shares of the tokens."""
        kinds = [kind for kind in self.phase.shares if kind != "text"]
        wanted = np.array([self.phase.shares[kind] for kind in kinds])
        have = np.zeros(len(kinds))
        ready: dict[str, list[Packed]] = {kind: [] for kind in kinds}
        start = np.array([self.tokenizer.get_vocab()[PAD]], dtype=np.uint16)
        while True:
            number = int(np.argmin(have / wanted))
            kind = kinds[number]
            while not ready[kind]:
                batch = (unit if unit[0] == start[0] else np.concatenate([start, unit]) for unit in self._batch(kind))
                ready[kind] = [unit for unit in batch if len(unit) <= self.phase.length]
            unit = ready[kind].pop()
            have[number] += len(unit)
            yield unit

    def _batch(self, kind: str) -> list[Packed]:
        stuff, rng = self.stuff, self.rng
        if kind == "repeat":
            texts = [lookups.repeated_span(rng, stuff.words) for _ in range(64)]
        elif kind == "taught" and rng.random() < STORY_SHARE:
            texts = [invented.story(rng, stuff.taught) for _ in range(64)]
        else:
            return packing.pack_exchanges(self.tokenizer, draw(stuff, kind, 128, rng, self.phase.is_early))
        return [packing.pack_text(self.tokenizer, [text]) for text in texts]


def draw(stuff: Material, kind: str, count: int, rng: np.random.Generator, is_early: bool = False) -> list[Exchange]:
    """`count` exercises of `kind`: pairs, table, invented, taught or corpus."""
    usable = stuff.pages if not is_early else [page for page in stuff.pages if len(page.text) < SHORT_SOURCE]
    room = ROOM[0 if is_early else 1]
    few = [pick(rng, stuff.pages) for _ in range(64)]

    def corpus() -> Exchange:
        others = [pick(rng, few) for _ in range(12)]
        page = max(pick(rng, usable), pick(rng, usable), key=lambda one: one.worth)
        return reading.closed(rng, page) if rng.random() < CLOSED_SHARE else reading.exchange(rng, page, others, room)

    def table() -> Exchange:
        page = tables.page(rng, 2 if is_early else 7)
        return reading.exchange(rng, page, [tables.page(rng, 2) for _ in range(3)] + few[:3], room)

    makers: dict[str, Callable[[], Exchange]] = {
        "pairs": lambda: lookups.pairs(rng, stuff.words),
        "table": table,
        "invented": lambda: invented.reading(rng),
        "taught": lambda: invented.taught(rng, pick(rng, stuff.taught)),
        "corpus": corpus,
    }
    return [makers[kind]() for _ in range(count)]
