r"""The numbers that LaTeX would print: captions and labelled formulas carry them, and references lead to them.

A reference to a section leads to its title, since headings carry no numbers here. Not covered: theorems, page numbers
and counters that the document sets itself; a reference to those shows its key.
"""

import re
from collections import Counter

from loresmith.ingest.latex_scan import argument, option

_MARK = re.compile(
    r"\\begin\s*\{(?P<begin>[^{}]*)\}|\\end\s*\{(?P<end>[^{}]*)\}|\\label\s*\{(?P<label>[^{}]*)\}"
    r"|\\(?P<heading>part|chapter|(?:sub){0,2}section)(?P<star>\*?)(?=\s*[\[{])|\\(?P<newline>\\)"
    r"|\\caption(?P<of>of)?(?P<plain>\*?)(?=\s*[\[{])|\\(?P<unnumbered>nonumber|notag)(?![A-Za-z])"
)
_FLOATS = {
    "table": "Table", "figure": "Figure", "algorithm": "Algorithm", "longtable": "Table", "wraptable": "Table",
    "wrapfigure": "Figure", "sidewaystable": "Table", "sidewaysfigure": "Figure", "algorithm2e": "Algorithm",
    "listing": "Listing", "margintable": "Table", "marginfigure": "Figure", "longtblr": "Table", "SCfigure": "Figure",
}  # fmt: skip
_PARTS = frozenset({"subfigure", "subtable", "subfloat"})
_ONE_FORMULA = frozenset({"equation", "multline", "dmath"})
_FORMULA_ROWS = frozenset({"align", "gather", "eqnarray", "flalign", "alignat"})

Labels = dict[str, tuple[str, str]]
"""Key to what it names (`Table`, `Equation`, `Section`) and its number or title."""


def numbered(text: str) -> tuple[str, Labels]:
    r"""The text with `\numberedcaption{Table 2}` for captions and `\tag{3}` in labelled formulas, and its labels."""
    return _Numbers().run(text)


class _Numbers:
    """Walks through a document once and counts."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._chapter = 0
        self._open: list[str] = []
        self._here = ("", "")
        self._labels: Labels = {}
        self._row_is_numbered = True

    def run(self, text: str) -> tuple[str, Labels]:
        pieces, last = [], 0
        for mark in _MARK.finditer(text):
            replaced = self._seen(mark, text)
            if replaced is not None:
                pieces += [text[last : mark.start()], replaced]
                last = mark.end()
        return "".join([*pieces, text[last:]]), self._labels

    def _seen(self, mark: re.Match[str], text: str) -> str | None:
        """What is written in the place of the mark; `None` leaves it as it is."""
        if mark["begin"]:
            self._open.append(mark["begin"])
            if mark["begin"] in _ONE_FORMULA or mark["begin"] in _FORMULA_ROWS:
                self._next_formula()
        elif mark["end"]:
            self._close(mark["end"])
        elif mark["newline"] and self._open and self._open[-1] in _FORMULA_ROWS:
            self._next_formula()
        elif mark["unnumbered"] and self._open and self._open[-1] in _FORMULA_ROWS:
            self._counts["Equation"] -= 1
        elif mark["heading"]:
            self._heading(mark, text)
        elif mark["label"]:
            self._labels.setdefault(mark["label"].strip(), self._here)
            return rf"\tag{{{self._here[1]}}}" if self._in_formula() else None
        elif mark[0].startswith("\\caption"):
            return self._caption(mark, text)
        return None

    def _close(self, name: str) -> None:
        if name in self._open:
            while self._open.pop() != name:
                pass

    def _heading(self, mark: re.Match[str], text: str) -> None:
        if mark["heading"] == "chapter" and not mark["star"]:
            self._chapter += 1
            self._counts.clear()
        title, _ = argument(text, option(text, mark.end())[1])
        self._here = (mark["heading"].removeprefix("sub").removeprefix("sub").capitalize(), title)

    def _caption(self, mark: re.Match[str], text: str) -> str | None:
        kind = next((_FLOATS[name.rstrip("*")] for name in reversed(self._open) if name.rstrip("*") in _FLOATS), "")
        if mark["of"]:
            kind = argument(text, mark.end())[0].capitalize()
        if not kind or mark["plain"] or (_PARTS & set(self._open)):
            return None
        self._here = (kind, self._next(kind))
        name = rf"\numberedcaption{{{kind} {self._here[1]}}}"
        return name + r"\skipargument" if mark["of"] else name

    def _next_formula(self) -> None:
        self._here = ("Equation", self._next("Equation"))

    def _in_formula(self) -> bool:
        return bool(self._open) and self._open[-1] in _ONE_FORMULA | _FORMULA_ROWS

    def _next(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{self._chapter}.{self._counts[kind]}" if self._chapter else str(self._counts[kind])
