"""The training stream: corpus text and exercises in drawn order, easy copying first, as one packed array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from training.starter import invented, lookups, packing, reading
from training.starter.corpus import CorpusMissing, Reading
from training.starter.formats import PAD
from training.starter.packing import Packed
from training.starter.tasks import Exchange, pick

EARLY = {"text": 0.40, "repeat": 0.10, "pairs": 0.18, "table": 0.06, "invented": 0.12, "taught": 0.04, "corpus": 0.10}
LATE = {"text": 0.44, "repeat": 0.02, "pairs": 0.05, "table": 0.06, "invented": 0.12, "taught": 0.09, "corpus": 0.22}
"""Shares of the tokens; about half is plain text."""
EARLY_SHARE = 0.15
TEXT_UNIT = 512
"""Corpus text enters the stream in runs of 512 tokens, so that a batch holds many sources."""
TAUGHT_FACTS = 1_500
STORY_SHARE = 0.15
"""Share of the taught facts' batches that tell them as running text."""
LONGEST_EXCHANGE = 480
"""Tokens; longer exercises are dropped, because rows are at most 512 tokens."""


@dataclass(frozen=True)
class Material:
    """What exercises are drawn from: training text, its answerable spans, frequent words, and the taught facts."""

    texts: Packed
    spans: tuple[reading.Span, ...]
    words: tuple[str, ...]
    taught: tuple[invented.Fact, ...]


def material(readings: Sequence[Reading], tokenizer: Tokenizer, rng: np.random.Generator, held_out: bool) -> Material:
    """The material of the training documents, or of those held out."""
    documents = [d for r in readings for d in r.documents if d.is_held_out == held_out]
    texts = packing.pack_text(tokenizer, [documents[int(i)].text for i in rng.permutation(len(documents))])
    prose = [d for d in documents if "shakespeare" not in d.source and "deepseek" not in d.source]
    spans = [span for d in prose for span in reading.spans(d.text, rng)]
    if not spans:
        raise CorpusMissing("The corpus is too small: at least 20 blocks of 12,000 characters of prose are needed.")
    counted: dict[str, int] = {}
    for span in spans:
        for token in span.sentence.split():
            if token.isalpha() and token.islower() and len(token) > 3:
                counted[token] = counted.get(token, 0) + 1
    words = sorted(counted, key=lambda w: (-counted[w], w))[:2000]
    return Material(texts, tuple(spans), tuple(words), tuple(invented.facts(rng, TAUGHT_FACTS)))


def build(stuff: Material, tokenizer: Tokenizer, tokens: int, rng: np.random.Generator) -> Packed:
    """A stream of exactly `tokens` words: the early mixture, then the late one."""
    early = int(tokens * EARLY_SHARE)
    cursor = _Cursor(stuff.texts)
    maker = _Maker(stuff, tokenizer, rng)
    parts = [maker.phase(early, EARLY, cursor), maker.phase(tokens - early, LATE, cursor)]
    return np.concatenate(parts)[:tokens]


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
    """Draws the units of a phase."""

    stuff: Material
    tokenizer: Tokenizer
    rng: np.random.Generator

    def phase(self, tokens: int, shares: dict[str, float], cursor: _Cursor) -> Packed:
        """`tokens` words of the kinds in `shares`, in random order."""
        units: list[Packed] = []
        for kind, share in shares.items():
            wanted = int(tokens * share) + LONGEST_EXCHANGE
            if kind == "text":
                units += [cursor.take(TEXT_UNIT) for _ in range(wanted // TEXT_UNIT + 1)]
            else:
                units += self.exercises(kind, wanted)
        return np.concatenate([units[int(i)] for i in self.rng.permutation(len(units))])[:tokens]

    def exercises(self, kind: str, wanted: int) -> Iterator[Packed]:
        """Units of `kind`, each begun by the pad token, until they hold `wanted` words."""
        have = 0
        start = np.array([self.tokenizer.get_vocab()[PAD]], dtype=np.uint16)
        while have < wanted:
            for unit in self._batch(kind):
                if len(unit) <= LONGEST_EXCHANGE:
                    have += len(unit)
                    yield unit if unit[0] == start[0] else np.concatenate([start, unit])

    def _batch(self, kind: str) -> list[Packed]:
        stuff, rng = self.stuff, self.rng
        if kind == "repeat":
            texts = [lookups.repeated_span(rng, stuff.words) for _ in range(64)]
        elif kind == "taught" and rng.random() < STORY_SHARE:
            texts = [invented.story(rng, stuff.taught) for _ in range(64)]
        else:
            return packing.pack_exchanges(self.tokenizer, draw(stuff, kind, 128, rng))
        return [packing.pack_text(self.tokenizer, [text]) for text in texts]


def draw(stuff: Material, kind: str, count: int, rng: np.random.Generator) -> list[Exchange]:
    """`count` exercises of `kind`: pairs, table, invented, taught or corpus."""
    makers: dict[str, Callable[[], Exchange]] = {
        "pairs": lambda: lookups.pairs(rng, stuff.words),
        "table": lambda: lookups.table(rng),
        "invented": lambda: invented.reading(rng),
        "taught": lambda: invented.taught(rng, pick(rng, stuff.taught)),
        "corpus": lambda: reading.exchange(rng, pick(rng, stuff.spans), [pick(rng, stuff.spans) for _ in range(24)]),
    }
    return [makers[kind]() for _ in range(count)]
