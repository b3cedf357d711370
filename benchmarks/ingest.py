"""How well PDFs are understood: tables, reading order and headings, beside other tools in the same run.

    python benchmarks/ingest.py --data ../shared/data/pdf --scorer ../shared/tools/score_tables.py \
        --peers pymupdf4llm,pdfplumber,camelot,markitdown --peer-python PEERS/bin/python

Tables are scored by --scorer (cell F1, and the share of cells under their own headings); order and headings against
`truth/order.json` and `truth/headings.json`; `icdar2013` by adjacency relations. Every PDF is read in a process of its
own, twice: CPU seconds with the start are those of the process until the first reading's end, those without are the
second reading's. Peers need an environment with these packages.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import ingest_measures as measures

READ = Path(__file__).with_name("ingest_peers.py")
LIMIT_SECONDS = 600


def convert(tool: str, python: str, pdf: Path, target: Path) -> dict[str, float]:
    """Leave the Markdown of `pdf` in `target`; the CPU seconds and the peak memory in MB that it took."""
    command = [sys.executable, __file__, "--one", tool, "--peer-python", python, "--data", str(pdf)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    text, _, figures = done.stdout.rpartition("\n")
    target.write_text(text, encoding="utf-8")
    return dict(json.loads(figures)) if done.returncode == 0 else {"failed": 1.0}


def one(tool: str, python: str, pdf: Path) -> int:
    """In a process of its own, so that the children's use of resources is this PDF's alone."""
    done = subprocess.run([python, str(READ), tool, str(pdf)], capture_output=True, text=True, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stderr.write(done.stderr[-2000:])
    if done.returncode == 0:
        again = float(done.stderr.rpartition("\n")[2])
        whole = used.ru_utime + used.ru_stime - again
        figures = {"cpu_seconds": again, "with_start": whole, "peak_mb": used.ru_maxrss / 1024}
        sys.stdout.write(f"{done.stdout}\n{json.dumps(figures)}")
    return done.returncode


def measured(tool: str, python: str, data: Path, scorer: Path, scratch: Path) -> dict[str, Any]:
    """All figures of one tool."""
    made = scratch / tool
    made.mkdir()
    used: Counter[str] = Counter()
    peak, pages = 0.0, 0
    for pdf in sorted((data / "truth" / "pdf").glob("*.pdf")):
        figures = convert(tool, python, pdf, made / f"{pdf.stem}.md")
        used.update({name: value for name, value in figures.items() if name != "peak_mb"})
        peak = max(peak, figures.get("peak_mb", 0.0))
        pages += _pages(pdf)
    found: dict[str, Any] = {
        "failed": int(used["failed"]),
        "cpu_seconds_a_page": used["cpu_seconds"] / pages,
        "cpu_seconds_a_page_with_start": used["with_start"] / pages,
        "peak_mb": peak,
        "pages": pages,
    }
    found |= _tables(scorer, data / "truth", made) | _order(data / "truth", made) | _headings(data / "truth", made)
    return found | _icdar(tool, python, data / "icdar2013", scratch)


def _tables(scorer: Path, truth: Path, made: Path) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, str(scorer), str(truth), str(made)], capture_output=True, text=True, check=True
    ).stdout
    last = re.search(r"mean of (\d+): F1 ([\d.]+)\s+lookup ([\d.]+)", told)
    if last is None:
        raise SystemExit(f"{scorer} printed no means: {told[-300:]}")
    return {"tables": int(last[1]), "cell_f1": float(last[2]), "lookup": float(last[3])}


def _order(truth: Path, made: Path) -> dict[str, Any]:
    right = pairs = seen = snippets = 0
    for row in json.loads((truth / "order.json").read_text(encoding="utf-8")):
        text = (made / row["pdf"].replace(".pdf", ".md")).read_text(encoding="utf-8")
        counts = measures.order(text, row["page"], row["snippets"])
        right, pairs, seen = right + counts[0], pairs + counts[1], seen + counts[2]
        snippets += len(row["snippets"])
    return {"order": right / pairs, "snippets_whole": seen / snippets, "snippets": snippets}


def _headings(truth: Path, made: Path) -> dict[str, Any]:
    hits = found = wanted = 0
    for name, rows in json.loads((truth / "headings.json").read_text(encoding="utf-8")).items():
        text = (made / name.replace(".pdf", ".md")).read_text(encoding="utf-8")
        counts = measures.headings(text, [row["title"] for row in rows])
        hits, found, wanted = hits + counts[0], found + counts[1], wanted + counts[2]
    return {"heading_recall": hits / wanted, "heading_precision": hits / found if found else None, "headings": wanted}


def _icdar(tool: str, python: str, folder: Path, scratch: Path) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    for truth in sorted(folder.rglob("*-str.xml")):
        pdf = truth.with_name(truth.name.replace("-str.xml", ".pdf"))
        target = scratch / f"{tool}-{pdf.stem}.md"
        convert(tool, python, pdf, target)
        sums.update(measures.icdar(target.read_text(encoding="utf-8"), measures.icdar_truth(truth)))
    return {f"icdar_{name}": value for name, value in measures.shares(sums).items()} if sums else {}


def _pages(pdf: Path) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def main() -> int:
    """Print one column a tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--peers", default="", help="pymupdf4llm, pdfplumber, camelot, markitdown; separated by commas")
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--header-rows", action="store_true", help="measure `ingest.table_headers: rows` as well")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return one(given.one, sys.executable if given.one.startswith("loresmith") else given.peer_python, given.data)
    if given.scorer is None:
        parser.error("--scorer is needed")
    with tempfile.TemporaryDirectory() as scratch:
        own = ["loresmith", "loresmith_rows"] if given.header_rows else ["loresmith"]
        tools = [*own, *filter(None, given.peers.split(","))]
        rows = {tool: measured(tool, given.peer_python, given.data, given.scorer, Path(scratch)) for tool in tools}
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    print("| | " + " | ".join(rows) + " |\n|---|" + "---|" * len(rows))
    for name in next(iter(rows.values())):
        print(f"| {name} | " + " | ".join(_shown(row.get(name)) for row in rows.values()) + " |")
    return 0


def _shown(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
