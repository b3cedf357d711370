"""The exam for teaching by LoRA: invented facts about invented things, each with four wordings and one answer.

Entities, attributes and wordings here occur nowhere in the training stream.
"""

from __future__ import annotations

import numpy as np

ASPECTS: tuple[tuple[tuple[str, str, str, str], tuple[str, ...]], ...] = (
    (
        (
            "Which licence covers {e}?",
            "Under which licence is {e} published?",
            "{e} is released under which licence?",
            "What is the licence of {e}?",
        ),
        ("MIT", "Apache 2.0", "BSD", "GPL 3", "MPL 2.0", "CC BY 4.0", "ISC", "Zlib"),
    ),
    (
        (
            "How many experts does {e} route to?",
            "To how many experts does {e} send a token?",
            "State the expert count of {e}.",
            "What number of experts is active in {e}?",
        ),
        ("2", "4", "6", "8", "12", "16", "24", "37"),
    ),
    (
        (
            "On which data was {e} trained?",
            "Which corpus served to train {e}?",
            "What text was {e} fitted on?",
            "Name the training corpus of {e}.",
        ),
        ("court records", "weather logs", "patents", "sheet music", "mail archives", "menus"),
    ),
    (
        (
            "What error does {e} raise?",
            "With which error does {e} stop?",
            "Which failure is reported by {e}?",
            "If {e} fails, what is the error?",
        ),
        ("timeout", "bad checksum", "empty queue", "lost socket", "full disk", "stale key"),
    ),
    (
        (
            "At what temperature does {e} melt?",
            "When heated, at which temperature does {e} turn liquid?",
            "Give the melting point of {e}.",
            "What is the melting temperature of {e}?",
        ),
        ("312 degrees", "58 degrees", "1,204 degrees", "77 degrees", "905 degrees"),
    ),
    (
        (
            "Which language is {e} written in?",
            "In what programming language was {e} coded?",
            "{e} is implemented in which language?",
            "What is the implementation language of {e}?",
        ),
        ("Rust", "Haskell", "C", "Python", "Go", "Fortran", "Erlang"),
    ),
    (
        (
            "Who reviews changes to {e}?",
            "Changes to {e} are approved by whom?",
            "Which group signs off {e}?",
            "Name the reviewers of {e}.",
        ),
        ("the night shift", "two auditors", "the harbour board", "a jury", "the core team"),
    ),
    (
        (
            "What does {e} freeze during training?",
            "Which part stays frozen in {e}?",
            "What is left untouched by {e}?",
            "In {e}, what is not trained?",
        ),
        ("the base weights", "the embeddings", "the first layer", "the router", "the output head"),
    ),
    (
        (
            "How often is {e} inspected?",
            "At what interval does {e} get checked?",
            "What is the inspection cycle of {e}?",
            "Between two inspections of {e}, how much time passes?",
        ),
        ("every 3 weeks", "twice a year", "every 40 hours", "each spring"),
    ),
    (
        (
            "By how much does {e} cut memory?",
            "What memory saving comes with {e}?",
            "How large is the memory reduction of {e}?",
            "{e} saves how much memory?",
        ),
        ("63%", "3.5 times", "12 GB", "a third", "48%", "2 GB"),
    ),
)
"""Ten things to know about an entity, each with four wordings and possible answers."""

FIRST = [
    "Marlow",
    "Tessen",
    "Quillon",
    "Orbec",
    "Hadrik",
    "Solvane",
    "Perrin",
    "Caldus",
    "Wexford",
    "Ilmar",
    "Drovan",
    "Kestrel",
    "Nimbus",
    "Farrow",
    "Gantry",
    "Lumen",
]
SECOND = [
    "adapter",
    "cache",
    "alloy",
    "router",
    "ledger",
    "method",
    "kernel",
    "scheme",
    "beacon",
    "index",
    "layer",
    "format",
]


Row = tuple[str, str]
"""A question and its answer."""


def exam(count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Training rows (three wordings a fact) and exam rows (the fourth), for `count` facts."""
    rng = np.random.default_rng(seed)
    names = [f"the {first} {second}" for first in FIRST for second in SECOND]
    taught: list[Row] = []
    asked: list[Row] = []
    for number, index in enumerate(rng.permutation(len(names))[:count]):
        wordings, answers = ASPECTS[number % len(ASPECTS)]
        answer, kept_back = answers[int(rng.integers(len(answers)))], int(rng.integers(4))
        for place, wording in enumerate(wordings):
            text = wording.format(e=names[int(index)])
            (asked if place == kept_back else taught).append((text[0].upper() + text[1:], answer))
    return taught, asked
