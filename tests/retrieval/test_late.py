import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith.errors import UserError
from loresmith.records import Chunk
from loresmith.retrieval.chunk_table import ChunkTable
from loresmith.retrieval.index_files import IndexFacts
from loresmith.retrieval.late import LateInteraction
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.retrieval.searcher import Searcher

AXES = np.eye(8, dtype=np.float32)


class Letters:
    """One token per letter, along its own axis."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def token_vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        self.seen.extend(texts)
        return [AXES[[ord(letter) % 8 for letter in text]] for text in texts]


def chunk(text: str) -> Chunk:
    return Chunk(
        id=text, document="d", source="s", title="", headings=(), page=None, start=0, end=1, kind="prose", text=text
    )


def test_a_score_is_the_mean_over_the_questions_tokens_of_their_best_matches() -> None:
    late = LateInteraction(Letters())
    assert late.scores("abcd", [chunk("ab"), chunk("dcba"), chunk("h")]) == pytest.approx([0.5, 1.0, 0.0])
    assert late.scores("", [chunk("ab")]) == [0.0]


def test_passages_in_use_are_embedded_once_and_old_ones_forgotten() -> None:
    letters = Letters()
    late = LateInteraction(letters, kept_bytes=2 * 8 * 2 * 2)  # two passages of two tokens
    for text in ("ab", "cd", "ab", "ef", "cd"):
        late.scores("a", [chunk(text)])
    assert [text for text in letters.seen if text != "a"] == ["ab", "cd", "ef", "cd"]


def test_token_vectors_are_those_behind_the_sentence_vector(minilm: MiniLmEmbedder) -> None:
    texts = ["The relief valve opens.", "Bees.", ""]
    for text, tokens in zip(texts, minilm.token_vectors(texts), strict=True):
        assert len(tokens) == len(minilm._long.encode(text).ids)
        assert np.linalg.norm(tokens, axis=1) == pytest.approx(1.0, abs=1e-5)
        assert float((tokens.mean(0) @ minilm.encode([text])[0]) / np.linalg.norm(tokens.mean(0))) > 0.95


def opened(index_folder: Path, folder: Path, **changed: object) -> Searcher:
    shutil.copytree(index_folder, folder)
    facts = IndexFacts.model_validate_json((folder / "index.json").read_bytes()).model_copy(update=changed)
    return Searcher(ChunkTable(folder / "chunks.sqlite"), np.load(folder / "vectors.npy"), facts)


def test_reranking_orders_by_all_evidence_and_says_so(index_folder: Path, tmp_path: Path) -> None:
    with opened(index_folder, tmp_path / "index", rerank="late", cosine_weight=0.6, late_weight=0.5) as searcher:
        first, *others = searcher.hits("At what pressure does the relief valve open?", 5)
        best = first.passage
        assert "opens at 4 bar" in best.text
        assert best.late is not None and best.cosine is not None and best.bm25 is not None
        expected = 0.5 * (0.6 * best.cosine + 0.4 * 1.0) + 0.5 * best.late  # its BM25 is the best
        assert best.score == pytest.approx(expected, abs=1e-3)
        scores = [hit.passage.score for hit in (first, *others)]
        assert scores == sorted(scores, reverse=True)
        assert searcher.search("the relief valve", 3) == searcher.search("the relief valve", 10)[:3]


def test_all_of_the_weight_on_late_leaves_late_alone(index_folder: Path, tmp_path: Path) -> None:
    with opened(index_folder, tmp_path / "index", rerank="late", late_weight=1.0) as searcher:
        found = searcher.search("What makes bread rise in the oven?", 6)
        assert [passage.score for passage in found] == pytest.approx([passage.late for passage in found], abs=1e-4)


def test_diversity_brings_something_else_sooner(index_folder: Path, tmp_path: Path) -> None:
    question = "What do bees do with nectar and honey?"
    with opened(index_folder, tmp_path / "plain") as plain, opened(index_folder, tmp_path / "d", diversity=0.9) as wide:
        alike, varied = plain.search(question, 4), wide.search(question, 4)
    assert alike[0] == varied[0]
    assert {passage.chunk for passage in alike} != {passage.chunk for passage in varied}


def test_an_embedder_without_token_vectors_is_one_clear_error(index_folder: Path, tmp_path: Path) -> None:
    class Plain:
        name, dimensions = "plain", 384

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.full((len(texts), 384), 384**-0.5, dtype=np.float32)

    with opened(index_folder, tmp_path / "index", rerank="late") as searcher:
        searcher.__dict__["_embedder"] = Plain()
        with pytest.raises(UserError, match="token vectors"):
            searcher.search("bees", 2)
