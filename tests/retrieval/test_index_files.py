from pathlib import Path

import pytest

from loresmith.errors import ArtifactCorrupt
from loresmith.records import Chunk
from loresmith.retrieval.index_files import LONGEST_LEAD, lead, read_facts


def under(chunk: Chunk, *headings: str, title: str = "Valves") -> Chunk:
    return chunk.model_copy(update={"title": title, "headings": headings, "text": "It opens at 4 bar."})


def test_a_lead_is_the_path_of_title_and_headings(chunks: list[Chunk]) -> None:
    assert lead(under(chunks[0], "Safety", "Relief")) == "Valves > Safety > Relief"


def test_what_the_text_says_itself_is_left_out(chunks: list[Chunk]) -> None:
    chunk = under(chunks[0], "Safety").model_copy(update={"text": "## safety\n\nThe valves open."})
    assert lead(chunk) == ""


def test_a_heading_that_repeats_the_title_stands_once(chunks: list[Chunk]) -> None:
    assert lead(under(chunks[0], "Valves", " ", "Safety")) == "Valves > Safety"


def test_a_long_lead_keeps_its_end(chunks: list[Chunk]) -> None:
    made = lead(under(chunks[0], "x" * 300, "Relief"))
    assert len(made) == LONGEST_LEAD and made.endswith("> Relief")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"layout": "two"}'])
def test_facts_that_cannot_be_read_are_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index.json").write_bytes(content)
    with pytest.raises(ArtifactCorrupt, match=r"index\.json.*\n.*loresmith index"):
        read_facts(tmp_path)
