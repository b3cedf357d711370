"""Invented tables in the manner of papers, asked about by the product's own rule teacher."""

from __future__ import annotations

import numpy as np

from loresmith.generate.cells import cell_claims
from loresmith.generate.comparisons import comparison_claims
from loresmith.generate.survey import Survey
from loresmith.records import Chunk
from training.starter.asking import Asked
from training.starter.coined import entity, system, value, word
from training.starter.invented import ATTRIBUTES
from training.starter.passages import Page
from training.starter.tasks import pick, shuffled

CORNERS = ("Model", "Method", "Name", "System", "Setting", "Metric", "Parameter", "Task", "", "Item")
COMPARED = 2
"""Comparisons that are asked of one table, beside eight of its cells."""
SHARES = ("{:.1f}", "{:.2f}", "{:.1f}%", "{:.0f}", "{:.3f}")


def page(rng: np.random.Generator, widest: int) -> Page:
    """A table of two to `widest` + 3 rows and up to `widest` columns of values; its cells, highest and lowest rows."""
    while True:
        text, title = _table(rng, int(rng.integers(1, widest + 1)), int(rng.integers(2, widest + 4)))
        chunk = Chunk(
            id="0", document="0", source="", title=title, headings=(title, "Results"), page=None, start=0,
            end=len(text), kind="table", text=text,
        )  # fmt: skip
        cells = shuffled(rng, list(cell_claims(chunk)))[:8]
        compared = shuffled(rng, list(comparison_claims(chunk, Survey([chunk]))))[:COMPARED]
        if cells:
            return Page(text, tuple(Asked(c.asked, c.answer, c.kind, c.rivals) for c in (*cells, *compared)))


def _table(rng: np.random.Generator, width: int, height: int) -> tuple[str, str]:
    if rng.random() < 0.6:
        columns, rows = [_label(rng) for _ in range(width)], [_label(rng) for _ in range(height)]
        forms, top = [pick(rng, SHARES) for _ in columns], float(pick(rng, (1, 100, 100, 100, 1000)))
        cells = [[form.format(rng.random() * top) for form in forms] for _ in rows]
    else:
        attributes = shuffled(rng, ATTRIBUTES)[:width]
        columns, rows = [a.name for a in attributes], [entity(rng) for _ in range(height)]
        cells = [[value(rng, a.sort) for a in attributes] for _ in rows]
    head = [pick(rng, CORNERS), *dict.fromkeys(columns)]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join([row, *found[: len(head) - 1]])} |" for row, found in zip(rows, cells, strict=True)]
    title = " ".join(word(rng).capitalize() for _ in range(int(rng.integers(1, 4))))
    caption = f"Table {rng.integers(1, 20)}: {pick(rng, ('Results of', 'Comparison of', 'Values of'))} {title}."
    return "\n".join([*([caption, ""] if rng.random() < 0.6 else []), *lines]), title


def _label(rng: np.random.Generator) -> str:
    """A system's name, one time in six with what is measured: "TRKL (Pass@1)"."""
    return f"{system(rng)} ({pick(rng, ('Acc', 'EM', 'F1', 'Pass@1', 'avg'))})" if rng.random() < 1 / 6 else system(rng)
