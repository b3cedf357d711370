"""The file that a document was read from, while it is still the same file."""

import shutil
from pathlib import Path

from loresmith.artifact import hash_file
from loresmith.errors import UserError
from loresmith.pipeline import Project
from loresmith.pipeline.sources import sources, uploaded
from loresmith.serve.documents.shelf import Entry
from loresmith.serve.memory import Memory


class Originals:
    """Finds files; a file is read through once to know it, and again only when it changes."""

    def __init__(self) -> None:
        self._hashes: Memory[str] = Memory()

    def of(self, project: Project, entry: Entry) -> Path | None:
        """The file of `entry`; `None` where it is gone or has changed since it was read."""
        path = uploaded(project.path).get(entry.source)
        if path is None:
            try:
                path = sources(project.recipe.documents, project.recipe.ingest).get(entry.source)
            except UserError:  # the folder is gone, as on another machine
                return None
        if path is None:
            return None
        try:
            told = path.stat()
            key = f"{path} {told.st_mtime_ns} {told.st_size}"
            known = self._hashes.get(key) or hash_file(path)
        except OSError:
            return None
        self._hashes.keep(key, known)
        return path if known == entry.sha256 else None


def has_room(folder: Path, size_bytes: int) -> bool:
    """Whether the disk of `folder` takes `size_bytes` three times over: the file, its text and its index."""
    return shutil.disk_usage(folder).free > 3 * size_bytes
