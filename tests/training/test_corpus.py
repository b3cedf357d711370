from pathlib import Path

import pytest

from training.starter import corpus
from training.starter.sources import SOURCES


def test_only_the_book_is_left_of_a_gutenberg_file(tiny_corpus: Path) -> None:
    text = "\n".join(d.text for d in corpus.read(tiny_corpus)[0].documents)
    assert "valve opens" in text
    assert "START OF" not in text
    assert "END OF" not in text
    assert "Licence" not in text


def test_wikitext_reads_like_people_write() -> None:
    assert corpus.clean_wikitext("a real @-@ time game , ( 3 @.@ 5 ) he said .") == "a real-time game, (3.5) he said."


def test_markdown_loses_its_markup_and_keeps_its_words() -> None:
    text = corpus.clean_markdown(
        '---\ntitle: x\n---\n# Cells\n\n**Cell**{: data-type="term"} see [the page](http://x.y) &lt;b&gt;.'
    )
    assert text == "# Cells\n\nCell see the page <b>."


def test_every_twentieth_block_is_held_out(tiny_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = corpus.read(tiny_corpus)[0]
    marks = [document.is_held_out for document in reading.documents]
    assert marks == [number % 20 == 19 for number in range(len(marks))]


def test_blocks_lose_no_paragraph() -> None:
    paragraphs = [f"paragraph {number} " + "x" * 90 for number in range(50)]
    blocks = list(corpus.blocks_of("\n\n".join(paragraphs), size=1000))
    assert "\n\n".join(blocks).split("\n\n") == paragraphs
    assert max(map(len, blocks)) <= 1100


def test_a_folder_without_sources_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(corpus.CorpusMissing, match="No known source"):
        corpus.read(tmp_path)


def test_the_evaluation_split_of_wikitext_is_no_source() -> None:
    assert not [source.name for source in SOURCES if "valid" in source.name or "test" in source.name]
