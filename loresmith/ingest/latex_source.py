r"""A LaTeX source as one text: comments taken out, `\input` put in from the same folder, never from outside."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from loresmith.ingest.content import NotText
from loresmith.ingest.encodings import decoded

_VERBATIM = re.compile(r"\\begin\{(verbatim|Verbatim|lstlisting|minted|alltt)(\*?)\}.*?\\end\{\1\2\}", re.DOTALL)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*(?:\n[ \t]*(?![ \t]*\n)|\n?)")
_WHOLE_LINE = re.compile(r"^[ \t]*%[^\n]*(?:\n|\Z)", re.MULTILINE)
_LEFT_OUT = re.compile(r"\\begin\{comment\}.*?\\end\{comment\}|\\iffalse\b.*?\\fi\b", re.DOTALL)
_INPUT = re.compile(
    r"\\(?:(?:sub)?import\*?\s*\{(?P<folder>[^{}]*)\}\s*\{(?P<part>[^{}]*)\}"
    r"|(?:input|include|subfile)\s*\{(?P<name>[^{}]*)\}|input\s+(?P<bare>[\w./-]+))"
)
_BIBLIOGRAPHY = re.compile(r"\\(?:bibliography\s*\{[^{}]*\}|printbibliography(?:\[[^\]]*\])?)")
_BODY = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)
_END_INPUT = re.compile(r"\\endinput\b.*", re.DOTALL)
_MOST_FILES = 300
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


def assembled(path: Path) -> tuple[str, Source]:
    """The whole source of the document that begins in `path`.

    Raises:
        NotText: the file is no text.
    """
    source = Source(path.parent.resolve())
    return _read(path, source, ()), source


def without_comments(text: str) -> str:
    """The source without what TeX does not read; verbatim text stays as it is."""
    pieces, last = [], 0
    for verbatim in _VERBATIM.finditer(text):
        line_start = text.rfind("\n", 0, verbatim.start()) + 1
        if "%" in text[line_start : verbatim.start()].replace("\\%", ""):
            continue  # it is commented out itself
        pieces += [_cleared(text[last : verbatim.start()]), verbatim[0]]
        last = verbatim.end()
    return "".join([*pieces, _cleared(text[last:])])


def _cleared(text: str) -> str:
    return _LEFT_OUT.sub("", _COMMENT.sub(r"\1", _WHOLE_LINE.sub("", text)))


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


def _may_be_read(path: Path, source: Source, above: tuple[Path, ...]) -> bool:
    try:
        place = path.resolve()
        return (
            place.is_relative_to(source.folder)
            and place.is_file()
            and place not in above
            and len(above) < _DEEPEST
            and len(source.files) < _MOST_FILES
            and source.size + place.stat().st_size <= _LARGEST_BYTES
        )
    except (OSError, ValueError):  # names with a zero byte, links in a circle
        return False
