"""One PDF into Markdown with page marks, by this project or by a peer: `python benchmarks/ingest_peers.py TOOL PDF`.

Stands alone, so that peers can live in an environment of their own; `benchmarks/ingest.py` starts it and measures the
process. Peers are called as their documentation's first example does. The last line on stderr is the CPU seconds that a
second reading took: what a page costs where one process reads many files, as all of these tools can be used.
"""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def loresmith(path: Path) -> str:
    """The reader of this project."""
    from loresmith.ingest.pdf import PdfReader

    return PdfReader().read(path).markdown


def loresmith_rows(path: Path) -> str:
    """The same with `table_headers: rows`."""
    from loresmith.ingest.pdf import PdfReader

    return PdfReader(has_header_rows=True).read(path).markdown


def pymupdf4llm(path: Path) -> str:
    """PyMuPDF's Markdown, page by page."""
    import pymupdf4llm as tool

    return marked(page["text"] for page in tool.to_markdown(str(path), page_chunks=True))


def markitdown(path: Path) -> str:
    """Microsoft's converter; it marks no pages."""
    from markitdown import MarkItDown

    return MarkItDown().convert(str(path)).text_content


def pdfplumber(path: Path) -> str:
    """Text and tables of each page."""
    import pdfplumber as tool

    with tool.open(path) as document:
        return marked(
            "\n\n".join([page.extract_text() or "", *map(piped, page.extract_tables())]) for page in document.pages
        )


def camelot(path: Path) -> str:
    """Tables alone, found by white space."""
    import camelot as tool

    pages: dict[int, list[str]] = {}
    for table in tool.read_pdf(str(path), pages="all", flavor="stream"):
        pages.setdefault(table.page, []).append(piped(table.df.values.tolist()))
    return "\n\n".join(f"<!-- page {number} -->\n\n" + "\n\n".join(tables) for number, tables in sorted(pages.items()))


def piped(rows: Sequence[Sequence[str | None]]) -> str:
    """Rows as a Markdown table."""
    lines = ["| " + " | ".join(" ".join((cell or "").split()) for cell in row) + " |" for row in rows]
    return "\n".join([*lines[:1], "|" + " --- |" * len(rows[0]), *lines[1:]]) if rows else ""


def marked(pages: Iterable[str]) -> str:
    """Pages with their marks."""
    return "\n\n".join(f"<!-- page {number} -->\n\n{text}" for number, text in enumerate(pages, 1))


TOOLS: dict[str, Callable[[Path], str]] = {
    tool.__name__: tool for tool in (loresmith, loresmith_rows, pymupdf4llm, markitdown, pdfplumber, camelot)
}

if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    read, pdf = TOOLS[sys.argv[1]], Path(sys.argv[2])
    sys.stdout.write(read(pdf))
    begun = time.process_time()
    read(pdf)
    sys.stderr.write(f"\n{time.process_time() - begun}")
