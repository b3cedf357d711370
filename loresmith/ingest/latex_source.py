r"""A LaTeX source as one text: comments taken out, `\input` put in from the same folder, never from outside."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from loresmith.ingest.content import NotText
from loresmith.ingest.encodings import decoded

_MARK = re.compile(
    r"(?P<comment>^[ \t]*%[^\n]*\n?|%[^\n]*(?:\n[ \t]*%[^\n]*)*(?:\n[ \t]*(?![ \t\n]))?)"
    r"|(?P<opens>\\iffalse\b|\\begin\{comment\})|(?P<closes>\\fi\b|\\end\{comment\})"
    r"|\\begin\{(?P<verbatim>(?:verbatim|Verbatim|lstlisting|minted|alltt)\*?)\}"
    r"|\\verb\*?(?P<edge>[^\w\s*])[^\n]{0,200}?(?P=edge)|\\(?:url|nolinkurl|href)\s*\{[^{}\n]*\}|\\[\\%]",
    re.MULTILINE,
)
"""What decides whether a `%` begins a comment; whichever comes first rules. No part looks far ahead. No possessive
quantifiers: a repeated group with one is matched wrongly by Python before 3.11.5."""
_CLOSING = {"\\iffalse": "\\fi", "\\begin{comment}": "\\end{comment}"}
_INPUT = re.compile(
    r"\\(?:(?:sub)?import\*?\s*\{(?P<folder>[^{}]*)\}\s*\{(?P<part>[^{}]*)\}"
    r"|(?:input|include|subfile)\s*\{(?P<name>[^{}]*)\}|input\s+(?P<bare>[\w./-]+))"
)
_BIBLIOGRAPHY = re.compile(r"\\(?:bibliography\s*\{[^{}]*\}|printbibliography(?:\[[^\[\]]*\])?)")
_BODY = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)
_END_INPUT = re.compile(r"\\endinput\b.*", re.DOTALL)
_MOST_FILES = 300
_MOST_TRIES = 5000
"""Places looked at for files that may not be there; each costs a call of the system."""
_LARGEST_BYTES = 20 << 20
"""Of all files together."""
_DEEPEST = 20


@dataclass(slots=True)
class Source:
    """What was put together from the files of one folder."""

    folder: Path
    files: list[Path] = field(default_factory=list)
    """Every file that was put in, the main one first."""
    size: int = 0
    """Bytes read so far."""
    largest: int = _LARGEST_BYTES
    """Bytes that may be read."""
    tries: int = 0
    """Places looked at so far."""


def assembled(path: Path, largest: int = _LARGEST_BYTES) -> tuple[str, Source]:
    """The whole source of the document that begins in `path`, without parts that make it more than `largest` bytes.

    Raises:
        NotText: the file is no text, or too large by itself.
    """
    if path.stat().st_size > largest:
        raise NotText(f"more than {largest >> 20} MB of LaTeX")
    source = Source(path.parent.resolve(), largest=largest)
    return _read(path, source, ()), source


def without_comments(text: str) -> str:
    """The source without what TeX does not read; verbatim text and addresses stay as they are. Takes linear time."""
    pieces: list[str] = []
    last = at = 0
    hidden: tuple[str, int] | None = None  # the mark that closes what is left out, and the piece that it begins with
    unclosed = set[str]()
    while mark := _MARK.search(text, at):
        at = mark.end()
        if mark["comment"]:
            pieces.append(text[last : mark.start()])
            last = at
        elif mark["opens"] and hidden is None:
            pieces.append(text[last : mark.start()])
            hidden, last = (_CLOSING[mark[0]], len(pieces)), mark.start()
        elif hidden and mark["closes"] == hidden[0]:
            del pieces[hidden[1] :]
            hidden, last = None, at
        elif mark["verbatim"]:
            at = _behind(text, at, f"\\end{{{mark['verbatim']}}}", unclosed)
    return "".join([*pieces, text[last:]])


def _behind(text: str, at: int, closing: str, unclosed: set[str]) -> int:
    """The place behind the next `closing`, or `at`; what is not found is put into `unclosed` and not sought again."""
    end = -1 if closing in unclosed else text.find(closing, at)
    if end < 0:
        unclosed.add(closing)
        return at
    return end + len(closing)


def _read(path: Path, source: Source, above: tuple[Path, ...]) -> str:
    raw = path.read_bytes()
    source.files.append(path.resolve())
    source.size += len(raw)
    text = _END_INPUT.sub("", without_comments(decoded(raw)))
    body = _BODY.search(text)
    if above and body:  # a subfile has a preamble of its own
        text = body[1]
    here = (*above, path.resolve())
    text = _INPUT.sub(lambda found: _part(found, path, source, here), text)
    return _BIBLIOGRAPHY.sub(lambda found: _references(path.with_suffix(".bbl"), source, here) or found[0], text)


def _part(found: re.Match[str], path: Path, source: Source, above: tuple[Path, ...]) -> str:
    if not _goes_on(source, above):
        return ""
    name = (found["name"] or found["bare"] or f"{found['folder'] or ''}/{found['part'] or ''}").strip().strip('"')
    for folder in (source.folder, path.parent.resolve()):
        for candidate in (folder / f"{name}.tex", folder / name):
            if _may_be_read(candidate, source, above):
                try:
                    return _read(candidate, source, above)
                except (NotText, OSError):
                    return ""
    return ""


def _references(path: Path, source: Source, above: tuple[Path, ...]) -> str:
    r"""The list of references that BibTeX left beside the source; nothing where it has no `\bibitem`."""
    if not _may_be_read(path, source, above):
        return ""
    try:
        text = _read(path, source, above)
    except (NotText, OSError):
        return ""
    return text if "\\bibitem" in text else ""


def _goes_on(source: Source, above: tuple[Path, ...]) -> bool:
    """Whether the counts allow another file; asked first, since it costs nothing."""
    return len(above) < _DEEPEST and len(source.files) < _MOST_FILES and source.tries < _MOST_TRIES


def _may_be_read(path: Path, source: Source, above: tuple[Path, ...]) -> bool:
    if not _goes_on(source, above):
        return False
    source.tries += 1
    try:
        place = path.resolve()
        return (
            place.is_relative_to(source.folder)
            and place not in above
            and place.is_file()
            and source.size + place.stat().st_size <= source.largest
        )
    except (OSError, ValueError):  # names with a zero byte, links in a circle
        return False
