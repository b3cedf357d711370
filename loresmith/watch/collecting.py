"""What changed in the documents since the champion's index was made; the bytes of the files decide, not their times."""

import hashlib
import json
from collections.abc import Mapping

from loresmith import artifact
from loresmith.errors import ArtifactCorrupt, ArtifactMissing
from loresmith.pipeline import Project
from loresmith.pipeline.sources import TESSERACT, fingerprints, sources
from loresmith.registry import CHAMPION, Registry
from loresmith.watch.records import Changes


def found(project: Project) -> dict[str, str]:
    """sha256 of each document by its name, as it lies there now.

    Raises:
        UserError: there is none.
    """
    return _documents(fingerprints(sources(project.recipe.documents, project.recipe.ingest)))


def answered_from(book: Registry) -> dict[str, str]:
    """The documents that the champion answers from; none where there is no champion."""
    champion = book.alias(CHAMPION)
    if champion is None:
        return {}
    try:
        read = artifact.read(book.folder(champion) / "documents", made_by="ingest")
    except (ArtifactMissing, ArtifactCorrupt):
        return {}
    return _documents(read.manifest.inputs)


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Changes:
    """How `now` differs from `before`."""
    return Changes(
        new=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
        withdrawn=tuple(sorted(before.keys() - now.keys())),
    )


def hash_of(documents: Mapping[str, str]) -> str:
    """One hash over all documents and their names."""
    return hashlib.sha256(json.dumps(dict(sorted(documents.items()))).encode()).hexdigest()


def _documents(inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in inputs.items() if name != TESSERACT}
