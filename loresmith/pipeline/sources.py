"""The files that a recipe's `documents` name, each under a stable name, and the bytes of whatever files are read."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from loresmith.artifact import hash_file
from loresmith.errors import UserError
from loresmith.recipe import IngestConfig

TESSERACT = "tesseract"
UPLOADS = "uploads"
"""Folder in a project with the documents that came in through the page; their names begin with it."""


def sources(documents: tuple[str, ...], config: IngestConfig) -> dict[str, Path]:
    """Every file below `documents` by its name in the project: its path below the folder, with `/`.

    Where several folders are named, each name starts with its folder's own name. Hidden files and links that lead out
    of their folder are left out.

    Raises:
        UserError: nothing is named, a path does not exist, or no file is left.
    """
    if not documents:
        raise UserError(
            "The recipe names no documents.", next_step="Point it at a folder: `--documents FOLDER`, or `documents:`."
        )
    found: dict[str, Path] = {}
    for entry in documents:
        root = Path(entry)
        if not root.exists():
            raise UserError(f"There are no documents at {root}.", next_step="Check `documents`, or pass --documents.")
        prefix = f"{root.resolve().name}/" if len(documents) > 1 and root.is_dir() else ""
        for path in _files(root):
            name = prefix + (path.relative_to(root).as_posix() if root.is_dir() else path.name)
            if _is_wanted(name, config):
                found[name] = path
    if not found:
        raise UserError(
            f"{', '.join(documents)} holds no files to read.",
            next_step="Put documents there (PDF, Markdown, DOCX, PPTX, XLSX, HTML, ...), or check `ingest.include`.",
        )
    return dict(sorted(found.items()))


def uploaded(project: Path) -> dict[str, Path]:
    """The documents that came into the project folder `project` through the page, by their names `uploads/...`."""
    folder = project / UPLOADS
    return {f"{UPLOADS}/{path.name}": path for path in _files(folder)} if folder.is_dir() else {}


def fingerprints(files: Mapping[str, Path]) -> dict[str, str]:
    """sha256 of the bytes of each file, or folder of files, by its name.

    With PDFs among them also what this machine reads scans with.
    """
    found = {name: hash_file(path) if path.is_file() else _hash_folder(path) for name, path in files.items()}
    if any(name.lower().endswith(".pdf") for name in files):
        found |= _scan_reader()
    return found


def _hash_folder(folder: Path) -> str:
    inside = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = "".join(f"{path.relative_to(folder).as_posix()} {hash_file(path)}\n" for path in inside)
    return hashlib.sha256(lines.encode()).hexdigest()


def _scan_reader() -> dict[str, str]:
    """Version and languages of tesseract, under its name: who installs it wants the scans read that were set aside."""
    if shutil.which(TESSERACT) is None:
        return {}
    told = [
        subprocess.run([TESSERACT, question], capture_output=True, text=True, check=False).stdout.split("\n")
        for question in ("--version", "--list-langs")
    ]
    return {TESSERACT: " ".join([told[0][0], *told[1][1:]]).strip()}


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    inside = root.resolve()
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
        if path.is_file() and not hidden and path.resolve().is_relative_to(inside):
            yield path


def _is_wanted(name: str, config: IngestConfig) -> bool:
    included = not config.include or any(fnmatch(name, pattern) for pattern in config.include)
    return included and not any(fnmatch(name, pattern) for pattern in config.exclude)
