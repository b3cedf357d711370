r"""LaTeX sources as Markdown: headings, paragraphs, lists, tables with all spans filled, formulas as `$$..$$`.

Nothing is compiled or run. Citations and unknown labels show their keys. Not covered: pictures drawn in TeX, commands
that packages define, page numbers, what lies outside of the document's own folder.
"""

import re
from pathlib import Path

from loresmith.errors import Unreadable
from loresmith.ingest.content import NotText, text_of_file
from loresmith.ingest.latex_blocks import Writer, theorems_of
from loresmith.ingest.latex_inline import Inline
from loresmith.ingest.latex_macros import expanded
from loresmith.ingest.latex_numbers import numbered
from loresmith.ingest.latex_scan import after_options, argument
from loresmith.ingest.latex_source import assembled
from loresmith.ingest.latex_wrappers import unwrapped
from loresmith.ingest.markup import first_heading, heading, safe_paragraph, safe_text
from loresmith.records import Reading

_BEGIN = re.compile(r"\\begin\s*\{document\}")
_END = re.compile(r"\\end\s*\{document\}")
_FRONT = re.compile(r"\\(title|author|abstract|keywords)(?=\s*[\[{])")
_CHAPTER = re.compile(r"\\chapter\*?(?=\s*[\[{])")


class LatexReader:
    """Reads a LaTeX document, or a part of one."""

    suffixes: tuple[str, ...] = (".tex", ".ltx")

    def read(self, path: Path) -> Reading:
        r"""The document with everything that it takes in from its own folder by `\input`.

        Raises:
            Unreadable: binary content, or no text between the commands.
        """
        text_of_file(path)  # empty and binary files have their reasons there
        try:
            source, _ = assembled(path)
        except NotText as fault:
            raise Unreadable(path, str(fault)) from fault
        theorems = theorems_of(source)
        text, labels = numbered(unwrapped(expanded(source)))
        front, body = _parted(text)
        inline = Inline({})
        inline = Inline({key: (kind, inline.text(number)) for key, (kind, number) in labels.items()})
        writer = Writer(inline, theorems, has_chapters=_CHAPTER.search(body) is not None)
        title = inline.text(front.get("title", ""))
        named = re.sub(r"\[\^\d+\]", "", title).strip()
        blocks = [heading(title, 1)] if title else []
        blocks += filter(None, [safe_paragraph(inline.text(front.get("author", "")).strip(" ,"))])
        if "abstract" in front:
            blocks += [heading("Abstract", 2), *writer.blocks(front["abstract"])]
        blocks += writer.blocks(body)
        if not blocks:
            raise Unreadable(path, "no text between its commands")
        blocks += [f"[^{number}]: {safe_text(note)}" for number, note in enumerate(inline.notes, 1)]
        return Reading(
            title=named or first_heading(blocks) or path.stem, markdown="\n\n".join(blocks) + "\n", pages=None
        )


def _parted(text: str) -> tuple[dict[str, str], str]:
    """What the title page shows, and the body; a part of a document is all body."""
    begin = _BEGIN.search(text)
    end = _END.search(text)
    preamble = text[: begin.start()] if begin else ""
    body = text[begin.end() if begin else 0 : end.start() if end else len(text)]
    front: dict[str, str] = {}
    for source in (preamble, body):
        for found in _FRONT.finditer(source):
            is_part = source is body and found[1] in ("abstract", "keywords")  # they stay where they stand
            if found[1] not in front and not is_part:
                front[found[1]] = argument(source, after_options(source, found.end()))[0]
    return front, _without_front(body)


def _without_front(body: str) -> str:
    pieces, last = [], 0
    for found in _FRONT.finditer(body):
        if found.start() >= last and found[1] in ("title", "author"):
            pieces.append(body[last : found.start()])
            last = argument(body, after_options(body, found.end()))[1]
    return "".join([*pieces, body[last:]])
