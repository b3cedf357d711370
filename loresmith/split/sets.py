"""The sets of a split, and every row that went into none of them."""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from loresmith.errors import UserError
from loresmith.recipe import SplitConfig
from loresmith.records import UNANSWERABLE, Fact, Question
from loresmith.split.leaks import Known

OTHER_WORDING = "another wording of a fact that an exam asks"
TORN = "rests on places of both sides of the split"
NOT_SAMPLED = "held out, but not sampled for its exam"


@dataclass
class Sets:
    """Rows by their use, each in the order of the corpus."""

    train: list[Question] = field(default_factory=list)
    validation: list[Question] = field(default_factory=list)
    recall: list[Question] = field(default_factory=list)
    transfer: list[Question] = field(default_factory=list)
    unanswerable: list[Question] = field(default_factory=list)
    dropped: list[tuple[Question, str]] = field(default_factory=list)

    def files(self) -> dict[str, list[Question]]:
        """File name to rows."""
        return {
            "train.jsonl": self.train,
            "validation.jsonl": self.validation,
            "recall.jsonl": self.recall,
            "transfer.jsonl": self.transfer,
            "unanswerable.jsonl": self.unanswerable,
        }

    def notes(self) -> dict[str, Any]:
        """Rows and facts of each set, and the documents that training never sees."""
        sizes = {
            name.removesuffix(".jsonl"): {"rows": len(rows), "facts": len({row.fact for row in rows})}
            for name, rows in self.files().items()
        }
        unseen = {row.source for row in self.transfer} - {row.source for row in self.train}
        return {"sets": sizes, "held_out_documents": sorted(unseen)}


def divided(
    facts: Sequence[Fact],
    questions: Sequence[Question],
    held_out: AbstractSet[str],
    config: SplitConfig,
    *,
    torn: AbstractSet[str] = frozenset(),
) -> Sets:
    """The sets of a corpus. Rows are moved out of an exam, never into training, to keep it clean.

    The facts `torn` go into none: training would see what is held out, or the exam would ask what is half known.
    """
    by_fact: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_fact[question.fact].append(question)
    asked = [fact for fact in facts if by_fact[fact.id] and fact.id not in torn]
    untold = [fact for fact in asked if fact.kind == UNANSWERABLE]
    refused = {fact.id for fact in untold if fact.id in held_out or _is_examined(fact, config)}
    seen = [fact for fact in asked if fact.id not in held_out | refused]
    unseen = [fact for fact in asked if fact.id in held_out - refused]
    sets = Sets(dropped=[(row, TORN) for row in questions if row.fact in torn])
    taught = _recall(sets, seen, by_fact, config)
    sets.transfer = _unknown(sets, unseen, by_fact, taught, config)
    silent = [fact for fact in untold if fact.id in refused]
    sets.unanswerable = _unknown(sets, silent, by_fact, taught, config)
    _validation(sets, taught, config)
    return sets


def too_small(facts: Sequence[Fact], questions: Sequence[Question], sets: Sets, fewest: int) -> UserError:
    """The error for a corpus from which no exam can be made."""
    return UserError(
        f"{len(questions)} questions about {len(facts)} facts give {len(sets.recall)} for the recall exam and"
        f" {len(sets.transfer)} for the transfer exam; at least {fewest} in one of them are needed.",
        next_step="Add documents, raise `generate.max_facts`, or give the facts more `generate.wordings`.",
    )


def _recall(
    sets: Sets, facts: Sequence[Fact], by_fact: Mapping[str, list[Question]], config: SplitConfig
) -> list[Question]:
    """Hold one wording of sampled facts back for the recall exam, with their choice questions; the rest is taught."""
    candidates = [
        fact
        for fact in facts
        if fact.kind != UNANSWERABLE and sum(row.form != "choice" for row in by_fact[fact.id]) >= 2
    ]
    examined = {fact.id for fact in _sampled(candidates, config.max_exam, config.seed)}
    everything = [row for fact in facts for row in by_fact[fact.id]]
    known = Known(everything, config)
    held: set[str] = set()
    for fact in facts:
        if fact.id in examined and (wording := _clean_wording(by_fact[fact.id], known, config)):
            held.add(wording.id)
            held |= {row.id for row in by_fact[fact.id] if row.form == "choice" and not known.copies_of(row)}
    # a row that was clean beside everything is clean beside what remains; the order of the corpus is kept
    sets.recall = [row for row in everything if row.id in held]
    return [row for row in everything if row.id not in held]


def _clean_wording(rows: Sequence[Question], known: Known, config: SplitConfig) -> Question | None:
    """The wording to hold back, by lot among those that no other row repeats; `None`: the fact stays out."""
    wordings = [row for row in rows if row.form != "choice"]
    random.Random(f"{config.seed} recall {rows[0].fact}").shuffle(wordings)
    return next((row for row in wordings if not known.copies_of(row)), None)


def _is_examined(fact: Fact, config: SplitConfig) -> bool:
    """Whether a question without an answer is kept for the exam: half of them, by lot."""
    return _lot(config.seed, UNANSWERABLE, fact.id)[0] < 128


def _unknown(
    sets: Sets,
    facts: Sequence[Fact],
    by_fact: Mapping[str, list[Question]],
    taught: Sequence[Question],
    config: SplitConfig,
) -> list[Question]:
    """One wording and the choice questions of sampled facts that training never sees; what leaks is dropped."""
    known = Known(taught, config)
    clean: list[Fact] = []
    for fact in facts:
        reasons = [known.leak_of(row) for row in by_fact[fact.id]]
        leak = next((leak for leak in reasons if leak is not None), None)
        if leak is None:
            clean.append(fact)
        else:
            sets.dropped.extend((row, f"too close to training: {leak.check}") for row in by_fact[fact.id])
    sampled = {fact.id for fact in _sampled(clean, config.max_exam, config.seed)}
    kept: list[Question] = []
    for fact in clean:
        rows = by_fact[fact.id]
        if fact.id not in sampled:
            sets.dropped.extend((row, NOT_SAMPLED) for row in rows)
            continue
        asked = random.Random(f"{config.seed} transfer {fact.id}").choice(
            [row for row in rows if row.form != "choice"] or rows
        )
        for row in rows:
            if row is asked or row.form == "choice":
                kept.append(row)
            else:
                sets.dropped.append((row, OTHER_WORDING))
    return kept


def _validation(sets: Sets, taught: Sequence[Question], config: SplitConfig) -> None:
    """A share of the rows by lot, from facts of which another row stays in training."""
    count = round(config.validation * len(taught))
    left = Counter(row.fact for row in taught)
    chosen: set[str] = set()
    for row in sorted(taught, key=lambda row: _lot(config.seed, "validation", row.id)):
        if len(chosen) < count and left[row.fact] > 1:
            chosen.add(row.id)
            left[row.fact] -= 1
    sets.validation = [row for row in taught if row.id in chosen]
    sets.train = [row for row in taught if row.id not in chosen]


def _sampled(facts: Sequence[Fact], most: int, seed: int) -> list[Fact]:
    """At most `most` facts, taken in turns from each kind and document."""
    groups: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: _lot(seed, "exam", fact.id)):
        groups[fact.kind, fact.document].append(fact)
    order: Callable[[tuple[str, str]], bytes] = lambda group: _lot(seed, *group)  # noqa: E731
    queues = [groups[name] for name in sorted(groups, key=order)]
    longest = max((len(queue) for queue in queues), default=0)
    turns = [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
    chosen = {fact.id for fact in turns[:most]}
    return [fact for fact in facts if fact.id in chosen]


def _lot(seed: int, *parts: str) -> bytes:
    return hashlib.sha256(" ".join((str(seed), *parts)).encode()).digest()
