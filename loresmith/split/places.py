"""Which facts training never sees: those of held-out documents, or of held-out sections of a single document."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loresmith.recipe import SplitConfig
from loresmith.records import Evidence, Fact


def held_out_facts(facts: Sequence[Fact], sections: Mapping[str, str], config: SplitConfig) -> frozenset[str]:
    """Ids of the facts of the places that are held out whole; the share is counted in facts.

    Places are documents, or sections by chunk where only one document has facts. At least one place stays.
    """
    chosen, place = _chosen(facts, sections, config)
    return frozenset(fact.id for fact in facts if place(fact) in chosen)


def torn_facts(facts: Sequence[Fact], sections: Mapping[str, str], config: SplitConfig) -> frozenset[str]:
    """Ids of the facts of which one part lies in a place that is held out and another in one that is taught."""
    chosen, place = _chosen(facts, sections, config)
    return frozenset(
        fact.id for fact in facts if any((place(part) in chosen) != (place(fact) in chosen) for part in fact.also)
    )


def _chosen(
    facts: Sequence[Fact], sections: Mapping[str, str], config: SplitConfig
) -> tuple[frozenset[str], Callable[[Fact | Evidence], str]]:
    """The places that are held out, and the place of any fact or evidence."""
    by_document = len({fact.document for fact in facts}) > 1

    def place(part: Fact | Evidence) -> str:
        return part.document if by_document else sections.get(part.chunk, "")

    return held_out_places(Counter(place(fact) for fact in facts), config.held_out, config.seed), place


def held_out_places(sizes: Mapping[str, int], share: float, seed: int) -> frozenset[str]:
    """Places whose facts make up about `share` of all: drawn by lot, each taken if it brings the sum nearer.

    None for a share of zero or a single place; never all, since the share is at most one half. When every place is
    larger than twice the share, the smallest is taken: an exam that is too large can be sampled, one that is missing
    cannot.
    """
    if share <= 0 or len(sizes) < 2:
        return frozenset()
    goal = share * sum(sizes.values())
    lot = sorted(sizes, key=lambda place: hashlib.sha256(f"{seed} {place}".encode()).digest())
    chosen: list[str] = []
    total = 0
    for place in lot:
        if abs(total + sizes[place] - goal) < abs(total - goal):
            chosen.append(place)
            total += sizes[place]
    return frozenset(chosen or [min(lot, key=lambda place: sizes[place])])


def sections_of(path: Path) -> dict[str, str]:
    """Chunk id to its section, as `generate` left them."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
