r"""Which files are the same document: parts of a LaTeX source, and the PDF that was made from it.

The source is preferred: its tables and formulas are exact. A PDF is taken for its print where both have the same name,
or where it holds the title of the only main source beside it, or of the only one in the folder with its name.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from loresmith.ingest.content import NotText
from loresmith.records import Document

_MAIN = re.compile(r"^[^%\n]*\\documentclass", re.MULTILINE)
_HEAD_CHARACTERS = 5000
"""Of a PDF's text, in which its title must stand."""
_SHORTEST_TITLE = 12
"""Letters; a shorter title (`Report`) proves nothing."""
_LARGEST_BYTES = 20 << 20
_MOST_BYTES = 100 << 20
"""Of all sources whose parts are looked for, which has no deadline; the parts of later ones are read by themselves."""


def parts_of_sources(sources: Mapping[str, Path]) -> dict[str, str]:
    r"""Name of each LaTeX file that another one puts in by `\input` -> name of the main file, which is part of none.

    Of mains that put in each other, the one with the first name is the main file.
    """
    from loresmith.ingest.latex_source import assembled

    by_place = {path.resolve(): name for name, path in sources.items()}
    parts: dict[str, str] = {}
    left = _MOST_BYTES
    for name in mains(sources):
        try:
            _, whole = assembled(sources[name], min(left, _LARGEST_BYTES))
        except (NotText, OSError):
            continue
        left -= whole.size
        for part in (by_place[file] for file in whole.files[1:] if file in by_place):
            if part not in parts and _root(name, parts) != part:  # otherwise it would be a part of itself
                parts[part] = name
    return {part: _root(part, parts) for part in parts}


def _root(name: str, parts: Mapping[str, str]) -> str:
    while name in parts:
        name = parts[name]
    return name


def mains(sources: Mapping[str, Path]) -> list[str]:
    r"""Names of the LaTeX files with a `\documentclass` of their own."""
    return [name for name, path in sources.items() if path.suffix.lower() in (".tex", ".ltx") and _is_main(path)]


def prints_of_sources(sources: Mapping[str, Path], parts: Mapping[str, str]) -> dict[str, str]:
    """Name of each PDF -> name of the source that it may be a print of."""
    whole = [name for name in mains(sources) if name not in parts]
    prints: dict[str, str] = {}
    for name in sources:
        place = PurePosixPath(name)
        if place.suffix.lower() != ".pdf":
            continue
        same = [main for main in whole if PurePosixPath(main).with_suffix("") == place.with_suffix("")]
        beside = [main for main in whole if PurePosixPath(main).parent == place.parent]
        below = [main for main in whole if PurePosixPath(main).parent == place.with_suffix("")]
        for candidates in (same, beside, below):
            if len(candidates) == 1:
                prints[name] = candidates[0]
                break
    return prints


def is_print(pdf: Document, source: Document) -> bool:
    """Whether the PDF has the name of the source, or its title among its first words."""
    if PurePosixPath(pdf.source).with_suffix("") == PurePosixPath(source.source).with_suffix(""):
        return True
    title = _letters(source.title)
    return len(title) >= _SHORTEST_TITLE and title in _letters(pdf.title + pdf.text[:_HEAD_CHARACTERS])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_main(path: Path) -> bool:
    try:
        return path.stat().st_size <= _LARGEST_BYTES and bool(_MAIN.search(path.read_text("utf-8", errors="replace")))
    except OSError:
        return False
