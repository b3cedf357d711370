"""Jupyter notebooks: text cells as they are, code fenced, what the code printed in short.

Nothing is executed. Not covered: images, widgets, raw cells, notebooks older than format 3.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loresmith.characters import storable
from loresmith.errors import Unreadable
from loresmith.ingest.content import text_of_file
from loresmith.ingest.html import parsed
from loresmith.ingest.html_blocks import fenced, markdown_blocks
from loresmith.ingest.markdown import heading_in, tidied
from loresmith.records import Reading

_MOST_OUTPUT_LINES = 30
_LONGEST_OUTPUT = 2000
"""Characters."""
_PACKED_IMAGE = re.compile(r"!\[([^\]]*)\]\((?:attachment:|data:)[^)]*\)")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#_-]{1,20}")


class NotebookReader:
    """Reads notebooks of formats 3 and 4."""

    suffixes: tuple[str, ...] = (".ipynb",)

    def read(self, path: Path) -> Reading:
        """Cells in order.

        Raises:
            Unreadable: no notebook, or one without a filled cell.
        """
        try:
            notebook = json.loads(text_of_file(path))
            cells = _cells(notebook)
            language = _language(notebook)
            blocks = [block for cell in cells for block in _blocks(cell, language, path) if block.strip()]
        except (json.JSONDecodeError, AttributeError, TypeError, KeyError) as fault:
            raise Unreadable(path, "damaged, or no notebook") from fault
        if not blocks:
            raise Unreadable(path, "no cell with text")
        markdown = "\n\n".join(blocks) + "\n"
        prose = "\n".join(block for block in blocks if not block.startswith("```"))
        return Reading(title=heading_in(prose) or path.stem, markdown=markdown, pages=None)


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    if "worksheets" in notebook:  # format 3
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return list(notebook["cells"])


def _language(notebook: dict[str, Any]) -> str:
    about = notebook.get("metadata", {})
    named = about.get("language_info", {}).get("name") or about.get("kernelspec", {}).get("language") or ""
    return named if _LANGUAGE.fullmatch(named) else ""


def _blocks(cell: dict[str, Any], language: str, path: Path) -> Iterator[str]:
    kind, source = cell["cell_type"], _joined(cell.get("source", cell.get("input", "")))
    if kind == "markdown":
        yield "\n".join(tidied(_PACKED_IMAGE.sub(r"\1", source))).strip("\n")
    elif kind == "heading":  # format 3
        yield f"{'#' * int(cell.get('level', 1))} {source.strip()}"
    elif kind == "code":
        yield _code(source, language)
        for output in cell.get("outputs", []):
            yield from _output(output, path)


def _code(source: str, language: str) -> str:
    block = fenced(source)
    ticks = len(block) - len(block.lstrip("`"))
    return f"{block[:ticks]}{language}{block[ticks:]}" if block else ""


def _output(output: dict[str, Any], path: Path) -> Iterator[str]:
    kind = output.get("output_type")
    if kind == "stream":
        yield fenced(_short(_joined(output.get("text", ""))))
    elif kind in ("error", "pyerr"):
        yield fenced(_short(_joined(f"{output.get('ename', 'Error')}: {output.get('evalue', '')}")))
    elif kind in ("execute_result", "display_data", "pyout"):
        yield from _shown(output.get("data", output), path)


def _shown(forms: dict[str, Any], path: Path) -> Iterator[str]:
    """The most readable text form of a result: Markdown, a table, plain text. A picture has only a caption here."""
    markdown, html = _joined(forms.get("text/markdown", "")), _joined(forms.get("text/html", forms.get("html", "")))
    plain = _joined(forms.get("text/plain", forms.get("text", "")))
    if markdown.strip():
        yield "\n".join(tidied(_PACKED_IMAGE.sub(r"\1", _short(markdown)))).strip("\n")
    elif "<table" in html.lower():
        for block in markdown_blocks(parsed(html, path)):
            yield _short(block)
    elif not any(form.startswith("image/") for form in forms):
        yield fenced(_short(plain))


def _joined(source: str | list[str]) -> str:
    r"""One text; half a character, which JSON can write as `\ud83d`, becomes the mark for an unknown one."""
    text = source if isinstance(source, str) else "".join(source)
    return storable(text)


def _short(text: str) -> str:
    lines = _COLOUR.sub("", text).rstrip().split("\n")
    kept = "\n".join(lines[:_MOST_OUTPUT_LINES])[:_LONGEST_OUTPUT]
    return kept if len(lines) <= _MOST_OUTPUT_LINES and len(kept) < _LONGEST_OUTPUT else kept + "\n…"
