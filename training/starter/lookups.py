"""Exercises for copying: key-value lists, records, tables and repeated spans, from easy to hard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.starter.coined import entity, value, word
from training.starter.invented import ATTRIBUTES
from training.starter.tasks import Exchange, from_passages, lettered, pick, shuffled, untold

ASKED = ("What is the value of {k}?", "{k}?", "Which value belongs to {k}?", "Give the value of {k}.", "Look up {k}.")
CELLS = (
    "What is the {c} of {r}?",
    "Which {c} does {r} have?",
    "Give the {c} of {r}.",
    "In the row {r}, what is the {c}?",
)


def pairs(rng: np.random.Generator, vocabulary: Sequence[str]) -> Exchange:
    """A list of keys and values; one is asked for, sometimes one that is not there."""
    count = int(rng.integers(2, 9))
    keys = list(dict.fromkeys(_symbol(rng, vocabulary) for _ in range(count + 1)))
    mark = pick(rng, (": ", " = ", " is ", " -> "))
    rows = [(key, _symbol(rng, vocabulary)) for key in keys[:-1] or keys]
    text = pick(rng, ("; ", "\n", ". ")).join(f"{key}{mark}{found}" for key, found in rows)
    if len(keys) > 1 and rng.random() < 0.1:
        return untold(rng, pick(rng, ASKED).format(k=keys[-1]), [text])
    key, found = pick(rng, rows)
    if rng.random() < 0.5:
        return from_passages(rng, [(pick(rng, ASKED).format(k=k), v) for k, v in shuffled(rng, rows)[:4]], [text])
    question = pick(rng, ASKED).format(k=key)
    if rng.random() < 0.15:
        wrong = list(dict.fromkeys(other for _, other in rows if other != found))
        if len(wrong) >= 3:
            return lettered(rng, question, found, wrong, [text])
    return from_passages(rng, [(question, found)], [text])


def _symbol(rng: np.random.Generator, vocabulary: Sequence[str]) -> str:
    draw = rng.random()
    if draw < 0.6:
        return pick(rng, vocabulary)
    if draw < 0.7:
        return word(rng).capitalize()
    if draw < 0.8:
        return str(rng.integers(2, 5000))
    return f"{pick(rng, vocabulary)} {pick(rng, vocabulary)}"


def table(rng: np.random.Generator) -> Exchange:
    """A Markdown table of two to five rows; a cell is asked for by row and column."""
    columns = shuffled(rng, ATTRIBUTES)[: int(rng.integers(1, 4))]
    rows = [entity(rng) for _ in range(int(rng.integers(2, 6)))]
    cells = [[value(rng, column.sort) for column in columns] for _ in rows]
    head = ["name", *(column.name for column in columns)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join([row, *found]) + " |" for row, found in zip(rows, cells, strict=True)]
    places = [(row, column) for row in range(len(rows)) for column in range(len(columns))]
    asked = [
        (pick(rng, CELLS).format(c=columns[column].name, r=rows[row]), cells[row][column])
        for row, column in shuffled(rng, places)[: int(rng.integers(1, 5))]
    ]
    return from_passages(rng, asked, ["\n".join(lines)])


def repeated_span(rng: np.random.Generator, vocabulary: Sequence[str]) -> str:
    """A run of random words that comes twice or three times, with a little between."""
    span = [pick(rng, vocabulary) for _ in range(int(rng.integers(4, 24)))]
    filler = [pick(rng, vocabulary) for _ in range(int(rng.integers(0, 6)))]
    return " ".join([*span, *filler] * int(rng.integers(2, 4)))
