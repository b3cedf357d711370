"""What `benchmarks/ingest.py` counts besides tables with a written truth: order, headings, and ICDAR's relations."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Grid = list[list[str]]
Relation = tuple[str, str, str]
NUMBER = re.compile(r"^(?:appendix )?(?:[A-Z](?:\.\d+)*|\d+(?:\.\d+)*)\s?\.?\s+", re.IGNORECASE)
FRAME = re.compile("abstract|references|bibliography|acknowledge?ments?$")
ALIKE = 0.9
"""Similarity of two headings from which they count as one."""


def plain(text: str) -> str:
    """Letters and digits alone, lower case: how ICDAR 2013 compares cells."""
    return re.sub(r"[^0-9a-z]+", "", unicodedata.normalize("NFKC", text).lower())


def pages_of(markdown: str) -> dict[int, str]:
    """The text behind each page mark."""
    parts = re.split(r"<!--\s*page (\d+)\s*-->", markdown)
    found: dict[int, str] = {}
    for number, text in zip(parts[1::2], parts[2::2], strict=True):
        found[int(number)] = found.get(int(number), "") + text
    return found


def order(markdown: str, page: int, snippets: Sequence[str]) -> tuple[int, int, int]:
    """(neighbouring snippets in their order, pairs of neighbours, snippets found) on a page and its two neighbours."""
    pages = pages_of(markdown)
    text = plain("".join(pages.get(number, "") for number in (page - 1, page, page + 1)))
    places = [text.find(plain(snippet)) for snippet in snippets]
    pairs = list(itertools.pairwise(places))
    return sum(0 <= one < two for one, two in pairs), len(pairs), sum(place >= 0 for place in places)


def headings(markdown: str, wanted: Sequence[str]) -> tuple[int, int, int]:
    """(headings found that are wanted, headings found, headings wanted).

    The truth is the PDF's outline. The document's title, the abstract, acknowledgements and references are printed as
    headings and rarely named there; where the truth does not name them they are not counted.
    """
    found = [_title(line) for line in markdown.splitlines() if re.match(r"#{2,6} ", line)]
    open_ones = [_title(title) for title in wanted]
    hits = unnamed = 0
    for title in found:
        match = next((one for one in open_ones if _alike(title, one)), None)
        if match is not None:
            open_ones.remove(match)
            hits += 1
        elif FRAME.match(title):
            unnamed += 1
    return hits, len(found) - unnamed, len(wanted)


def _title(line: str) -> str:
    """The words of a heading without marks and number."""
    return plain(NUMBER.sub("", line.strip("# ")))


def _alike(one: str, two: str) -> bool:
    return one == two or SequenceMatcher(None, one, two).ratio() >= ALIKE


def tables_of(markdown: str) -> list[Grid]:
    """The pipe tables."""
    tables: list[Grid] = []
    rows: Grid = []
    for line in [*markdown.splitlines(), ""]:
        if line.lstrip().startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                rows.append(cells)
        elif rows:
            tables.append(rows)
            rows = []
    return tables


def icdar_truth(path: Path) -> list[Grid]:
    """The tables of an ICDAR 2013 structure file; a merged cell stands at its first place alone."""
    tables: list[Grid] = []
    for table in ElementTree.parse(path).getroot().iter("table"):
        cells: dict[tuple[int, int], str] = {}
        below = 0
        for region in table.iter("region"):
            places = [
                (int(c.get("start-row", 0)), int(c.get("start-col", 0)), _content(c)) for c in region.iter("cell")
            ]
            cells |= {(row + below, column): text for row, column, text in places}
            below += max((row for row, _, _ in places), default=-1) + 1
        if cells:
            height, width = (max(place[axis] for place in cells) + 1 for axis in (0, 1))
            tables.append([[cells.get((row, column), "") for column in range(width)] for row in range(height)])
    return tables


def _content(cell: ElementTree.Element) -> str:
    return " ".join((cell.findtext("content") or "").split())


def relations(grid: Grid) -> Counter[Relation]:
    """Every cell with its next neighbour that is not empty, to the right and below (Göbel et al. 2013)."""
    found: Counter[Relation] = Counter()
    for line, way in [*((row, "right") for row in grid), *((column, "below") for column in _columns(grid))]:
        filled = [text for text in map(plain, line) if text]
        found.update((one, two, way) for one, two in itertools.pairwise(filled))
    return found


def _columns(grid: Grid) -> Iterator[list[str]]:
    width = max(map(len, grid))
    for column in range(width):
        yield [row[column] if column < len(row) else "" for row in grid]


def icdar(markdown: str, truth: Sequence[Grid]) -> dict[str, int]:
    """Counts over a document: relations right, found and wanted; true cells whose text is a cell found; and cells."""
    made = tables_of(markdown)
    wanted: Counter[Relation] = sum((relations(grid) for grid in truth), Counter())
    found: Counter[Relation] = sum((relations(grid) for grid in made), Counter())
    texts = {plain(cell) for grid in made for row in grid for cell in row}
    cells = [plain(cell) for grid in truth for row in grid for cell in row if plain(cell)]
    return {
        "right": (wanted & found).total(),
        "found": found.total(),
        "wanted": wanted.total(),
        "cells_found": sum(cell in texts for cell in cells),
        "cells": len(cells),
    }


def shares(counts: dict[str, int]) -> dict[str, Any]:
    """Precision, recall and F1 of the relations, and recall of the cells' texts; None where nothing was to be found."""
    precision = counts["right"] / counts["found"] if counts["found"] else None
    recall = counts["right"] / counts["wanted"] if counts["wanted"] else None
    both = (precision or 0) + (recall or 0)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * (precision or 0) * (recall or 0) / both if both else 0.0,
        "cells": counts["cells_found"] / counts["cells"] if counts["cells"] else None,
    }
