import numpy as np
import pytest

from loresmith.router.nearness import nearness


def unit(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def test_nearness_is_the_mean_cosine_of_the_nearest_as_a_sort_gives_it() -> None:
    rng = np.random.default_rng(2)
    asked, known = unit(rng.normal(size=(1100, 8))), unit(rng.normal(size=(40, 8)))
    slow = np.sort(asked @ known.T, axis=1)[:, -5:].mean(axis=1)
    assert nearness(asked, known) == pytest.approx(slow, abs=1e-6)


def test_with_fewer_known_rows_than_neighbours_all_count() -> None:
    known = np.eye(4)[:2]
    assert nearness(np.eye(4)[:1], known).tolist() == pytest.approx([0.5])
