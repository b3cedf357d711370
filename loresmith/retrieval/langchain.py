"""A finished index as a LangChain retriever.

    from loresmith.retrieval.langchain import LoresmithRetriever
    documents = LoresmithRetriever(index="my-expert/index", k=5).invoke("Which valve opens at 4 bar?")

Needs `langchain-core` (the extra `langchain`).
"""

from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import PrivateAttr

from loresmith.records import Passage
from loresmith.retrieval.only import Only
from loresmith.retrieval.searcher import Searcher, open_index


class LoresmithRetriever(BaseRetriever):  # type: ignore[misc]
    """Passages as LangChain documents: the text, and in the metadata where it stands and why it was found."""

    index: Path
    """The folder `index` of a project."""
    k: int = 5
    only: Only = Only()
    _searcher: Searcher = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Open the index.

        Raises:
            ArtifactMissing: `loresmith index` has not finished there.
        """
        self._searcher = open_index(self.index)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(passage) for passage in self._searcher.search(query, self.k, self.only)]


def _document(passage: Passage) -> Document:
    metadata = passage.model_dump(exclude={"text", "chunk"})
    return Document(id=passage.chunk, page_content=passage.text, metadata=metadata)
