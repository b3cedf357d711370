"""How near the Markdown of the readers comes to Markdown that others hold to be true.

    python benchmarks/documents.py --data ../shared/data

Pairs are found by place: `sources/NAME.EXT` with `groundtruth/NAME.EXT.md` below `otherdocs`, `NAME.pdf` beside
`NAME.md` below `pdf/docling_md`, and `main.tex` beside `docling_groundtruth.md` below `pdf/latex_truth`.
Prints for each pair

- text: similarity of the normalised words (twice the longest common subsequence over the sum of the lengths),
- tables: those of the truth of which one table of ours holds 70% of the different words,
- headings: recall and precision of the headings' words, whatever their level,

and means per format. The truth is what another program wrote (docling, for its own test files): where it keeps menus,
says a thing twice or loses a letter, agreeing with it is no merit.
"""

import argparse
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import LCSseq

from loresmith.errors import Unreadable
from loresmith.ingest.child import readers_by_suffix

MIN_SHARED_WORDS = 0.7
_WORD = re.compile(r"[^\W_]+")
_HEADING = re.compile(r"^#{1,6}\s+(.+)$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Score:
    """How one document fared."""

    format: str
    name: str
    text: float
    tables: int
    true_tables: int
    recall: float | None
    """Of headings; `None` where the truth has none."""
    precision: float | None


def words(markdown: str) -> list[str]:
    """Letters and digits in lower case, without links' targets and comments."""
    return _WORD.findall(_LINK.sub(r"\1", _COMMENT.sub(" ", markdown)).replace("\\", "").casefold())


def tables(markdown: str) -> list[set[str]]:
    """The different words of each pipe table."""
    found: list[set[str]] = []
    inside = False
    for line in markdown.split("\n"):
        is_row = line.startswith("|")
        if is_row and not inside:
            found.append(set())
        if is_row:
            found[-1].update(words(line))
        inside = is_row
    return [cells for cells in found if cells]


def tables_found(ours: Sequence[set[str]], truth: Sequence[set[str]]) -> int:
    """How many true tables have enough of their words in one of ours; each of ours serves once."""
    left, found = list(ours), 0
    for wanted in truth:
        shares = [len(wanted & cells) / len(wanted) for cells in left]
        if shares and max(shares) >= MIN_SHARED_WORDS:
            left.pop(shares.index(max(shares)))
            found += 1
    return found


def scored(source: Path, markdown: str, truth: str) -> Score:
    """Our Markdown of `source` against the truth."""
    mine, theirs = words(markdown), words(truth)
    heads = [Counter(" ".join(words(each)) for each in _HEADING.findall(text)) for text in (markdown, truth)]
    shared = sum((heads[0] & heads[1]).values())
    true_tables = tables(truth)
    return Score(
        format=source.suffix.removeprefix("."),
        name=source.name if source.name != "main.tex" else f"{source.parent.name}/main.tex",
        text=2 * LCSseq.similarity(mine, theirs) / max(1, len(mine) + len(theirs)),
        tables=tables_found(tables(markdown), true_tables),
        true_tables=len(true_tables),
        recall=shared / sum(heads[1].values()) if heads[1] else None,
        precision=shared / sum(heads[0].values()) if heads[0] and heads[1] else None,
    )


def pairs(data: Path) -> Iterator[tuple[Path, Path]]:
    """(source, truth) below the folder."""
    for truth in sorted(data.glob("otherdocs/**/groundtruth/*.md")):
        source = truth.parent.parent / "sources" / truth.name.removesuffix(".md")
        if source.is_file():
            yield source, truth
    for source in sorted(data.glob("pdf/docling_md/*.pdf")):
        yield source, source.with_suffix(".md")
    for truth in sorted(data.glob("pdf/latex_truth/*/docling_groundtruth.md")):
        yield truth.with_name("main.tex"), truth


def shown(value: float | None) -> str:
    """Two digits, or a dash for what is not known."""
    return "   - " if value is None else f"{value:5.2f}"


def line(name: str, text: float, counts: tuple[int, int], heads: tuple[float | None, float | None]) -> str:
    """One row of what is printed."""
    return f"{name:<36} {text:5.2f}  {counts[0]:>2}/{counts[1]:<3}  {shown(heads[0]):>16} {shown(heads[1]):>9}"


def mean(values: Sequence[float | None]) -> float | None:
    """Of the values that are known."""
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def main() -> None:
    """Read, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder with the pairs.")
    given = parser.parse_args()
    readers = readers_by_suffix()
    scores: list[Score] = []
    print(f"{'document':<36} {'text':>5}  tables  headings: recall precision")
    for source, truth in pairs(given.data):
        try:
            markdown = readers[source.suffix.lower()][1].read(source).markdown
        except Unreadable as fault:
            print(f"{source.name:<36} unreadable: {fault.reason}")
            markdown = ""
        score = scored(source, markdown, truth.read_text(encoding="utf-8"))
        scores.append(score)
        print(line(score.name, score.text, (score.tables, score.true_tables), (score.recall, score.precision)))
    for name in sorted({score.format for score in scores}):
        of = [score for score in scores if score.format == name]
        counts = sum(score.tables for score in of), sum(score.true_tables for score in of)
        heads = mean([score.recall for score in of]), mean([score.precision for score in of])
        print(line(f"mean of {name} ({len(of)})", statistics.mean(score.text for score in of), counts, heads))


if __name__ == "__main__":
    main()
