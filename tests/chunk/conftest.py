from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.recipe import IngestConfig
from loresmith.records import Document

MakeDocuments = Callable[[Mapping[str, str]], Artifact]


def document(source: str, text: str) -> Document:
    identity = source.encode().hex().ljust(16, "0")[:16]
    return Document(
        id=identity,
        source=source,
        title=source.removesuffix(".md"),
        format="md",
        pages=None,
        sha256="0" * 64,
        text=text,
    )


@pytest.fixture
def make_documents(tmp_path: Path) -> MakeDocuments:
    """Texts by source, as the artifact that `ingest` would leave."""

    def make(texts: Mapping[str, str]) -> Artifact:
        with artifact.create(tmp_path / "documents", Plan("ingest", IngestConfig())) as draft:
            for source, text in texts.items():
                draft.keep(document(source, text))
        return artifact.read(tmp_path / "documents", made_by="ingest")

    return make
