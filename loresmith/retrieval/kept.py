"""The vectors of an index that is about to be replaced, for the chunks that stay."""

from contextlib import closing
from pathlib import Path

from loresmith.errors import UserError
from loresmith.retrieval.embedding import Kept, key_of
from loresmith.retrieval.searcher import open_index


def kept_vectors(folder: Path, embedder: str) -> Kept:
    """What the index in `folder` holds, if there is a whole one by the same embedder."""
    try:
        opened = open_index(folder)
    except UserError:
        return {}
    with closing(opened) as searcher:
        if searcher.facts.embedder != embedder:
            return {}
        return {key_of(chunk): rows for chunk, rows in searcher.stored()}
