"""Plain text as Markdown: the words stay as they are, form feeds are page breaks."""

from pathlib import Path

from loresmith.errors import Unreadable
from loresmith.ingest.content import text_of_file
from loresmith.ingest.markup import page_mark, safe_text
from loresmith.records import Reading

_LONGEST_TITLE = 100


class TextReader:
    """Reads plain text in any usual encoding."""

    suffixes: tuple[str, ...] = (".txt", ".text")

    def read(self, path: Path) -> Reading:
        """The text with paragraphs as they stand.

        Raises:
            Unreadable: empty or binary content.
        """
        pages = [_tidied(page) for page in text_of_file(path).strip("\f \n").split("\f")]
        if not any(pages):
            raise Unreadable(path, "nothing but white space")
        if len(pages) == 1:
            return Reading(title=_title(pages[0], path), markdown=pages[0] + "\n", pages=None)
        marked = [f"{page_mark(number)}\n\n{page}".strip() for number, page in enumerate(pages, 1)]
        return Reading(title=_title(pages[0], path), markdown="\n\n".join(marked) + "\n", pages=len(pages))


def _tidied(text: str) -> str:
    """Lines without trailing blanks and raw HTML, at most one empty line between paragraphs."""
    lines: list[str] = []
    for line in text.replace("\v", "\n").expandtabs(4).split("\n"):
        stripped = safe_text(line.rstrip())
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip("\n")


def _title(text: str, path: Path) -> str:
    first = next((line.strip(" #=*-") for line in text.split("\n") if line.strip(" #=*-")), "")
    return first if 0 < len(first) <= _LONGEST_TITLE else path.stem
