from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from loresmith.retrieval import faiss_store
from loresmith.retrieval.faiss_store import FaissStore


def unit_rows(rows: int, seed: int, dimensions: int = 8) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@settings(deadline=None)
@given(rows=st.integers(1, 40), k=st.integers(1, 50), seed=st.integers(0, 99))
def test_it_finds_what_a_full_sort_finds(rows: int, k: int, seed: int) -> None:
    vectors = unit_rows(rows, seed)
    found = FaissStore(vectors).search(vectors[0], k)
    cosines = vectors @ vectors[0]
    assert [row for row, _ in found] == np.argsort(-cosines, kind="stable")[:k].tolist()
    assert np.allclose([cosine for _, cosine in found], np.sort(cosines)[::-1][:k], atol=1e-6)


def test_equal_rows_come_in_their_order() -> None:
    vectors = np.repeat(unit_rows(1, 0), 5, axis=0)
    assert [row for row, _ in FaissStore(vectors).search(vectors[0], 3)] == [0, 1, 2]


def test_an_empty_store_finds_nothing() -> None:
    assert FaissStore(np.zeros((0, 8), dtype=np.float32)).search(unit_rows(1, 0)[0], 3) == []


def test_many_rows_on_disk_are_found_through_codes_with_exact_cosines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_store, "MANY", 500)
    monkeypatch.setattr(faiss_store, "SAMPLED", 200)
    monkeypatch.setattr(faiss_store, "SLICE", 70)  # not a divisor: the last slice is short
    np.save(tmp_path / "rows.npy", unit_rows(1000, 1, 64))
    vectors = np.load(tmp_path / "rows.npy", mmap_mode="r")
    store = FaissStore(vectors)
    for query in unit_rows(20, 2, 64):
        cosines = vectors @ query
        found = store.search(query, 10)
        assert [row for row, _ in found] == np.argsort(-cosines, kind="stable")[:10].tolist()
        assert [cosine for _, cosine in found] == pytest.approx(np.sort(cosines)[::-1][:10].tolist(), abs=1e-6)
