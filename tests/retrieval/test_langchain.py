from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.retrieval.only import Only
from loresmith.retrieval.searcher import Searcher

pytest.importorskip("langchain_core")


def test_a_chain_gets_the_passages_of_the_index_with_their_places(index_folder: Path, searcher: Searcher) -> None:
    from loresmith.retrieval.langchain import LoresmithRetriever

    found = LoresmithRetriever(index=index_folder, k=3).invoke("Which valve opens at 4 bar?")
    passages = searcher.search("Which valve opens at 4 bar?", 3)
    assert [document.id for document in found] == [passage.chunk for passage in passages]
    assert found[0].page_content == passages[0].text
    assert (found[0].metadata["source"], found[0].metadata["page"]) == ("valves.md", 1)


def test_a_chain_can_be_kept_to_some_documents(index_folder: Path) -> None:
    from loresmith.retrieval.langchain import LoresmithRetriever

    retriever = LoresmithRetriever(index=index_folder, k=4, only=Only(documents=("bees.md",)))
    assert {document.metadata["source"] for document in retriever.invoke("boiler")} == {"bees.md"}


def test_a_folder_without_an_index_is_refused_at_once(tmp_path: Path) -> None:
    from loresmith.retrieval.langchain import LoresmithRetriever

    with pytest.raises(UserError, match="index"):
        LoresmithRetriever(index=tmp_path)
