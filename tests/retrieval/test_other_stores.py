"""Qdrant and Chroma behind the protocol of the default store; each is skipped where its package is absent."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith import plugins
from loresmith.errors import MachineError
from loresmith.plugins import Store
from loresmith.retrieval.on_disk import fingerprint

Opened = Callable[[NDArray[np.float32]], Store]


def unit_rows(rows: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(rows, 16)).astype(np.float32)
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@pytest.fixture(params=["qdrant", "chroma"])
def opened(request: pytest.FixtureRequest) -> Opened:
    pytest.importorskip({"qdrant": "qdrant_client", "chroma": "chromadb"}[request.param])
    made: Opened = plugins.load(plugins.STORES, request.param)
    return made


def test_it_finds_what_a_full_sort_finds(opened: Opened) -> None:
    vectors = unit_rows(300, 1)
    store = opened(vectors)
    for query in unit_rows(5, 2):
        cosines = vectors @ query
        found = store.search(query, 7)
        assert [row for row, _ in found] == np.argsort(-cosines, kind="stable")[:7].tolist()
        assert [cosine for _, cosine in found] == pytest.approx(np.sort(cosines)[::-1][:7].tolist(), abs=1e-5)


def test_no_more_than_there_is_comes_and_nothing_of_nothing(opened: Opened) -> None:
    few = unit_rows(3, 3)
    assert len(opened(few).search(few[0], 10)) == 3
    assert opened(few).search(few[0], 0) == []
    assert opened(np.zeros((0, 16), dtype=np.float32)).search(few[0], 3) == []


def test_a_changed_index_never_meets_old_rows(opened: Opened) -> None:
    old, new = unit_rows(20, 4), unit_rows(20, 5)
    opened(old)
    assert [row for row, _ in opened(new).search(new[7], 1)] == [7]


def test_a_folder_keeps_the_rows_and_a_half_upload_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("qdrant_client")
    from loresmith.retrieval import qdrant_store

    monkeypatch.setenv(qdrant_store.ADDRESS, str(tmp_path / "kept"))
    monkeypatch.setattr(qdrant_store, "SLICE", 16)
    vectors = unit_rows(50, 6)
    first = qdrant_store.QdrantStore(vectors)
    first._client.delete(first._name, list(range(20, 50)))  # what a killed upload leaves
    first._client.close()
    second = qdrant_store.QdrantStore(vectors)
    assert [row for row, _ in second.search(vectors[33], 1)] == [33]
    assert second._client.count(second._name, exact=True).count == 50
    second._client.close()


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("qdrant_client")
    from loresmith.retrieval import qdrant_store

    monkeypatch.setenv(qdrant_store.ADDRESS, "http://127.0.0.1:9")
    with pytest.raises(MachineError, match=r"http://127\.0\.0\.1:9"):
        qdrant_store.QdrantStore(unit_rows(2, 1))


def test_a_fingerprint_tells_numbers_and_shape_apart() -> None:
    rows = unit_rows(4, 1)
    other = rows.copy()
    other[3, 15] += 1e-6
    assert len({fingerprint(rows), fingerprint(other), fingerprint(rows.reshape(8, 8))}) == 3
    assert fingerprint(rows) == fingerprint(rows.copy())
