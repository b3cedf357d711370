import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.retrieval.diversity import spread

ROWS = np.array([[1, 0], [1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32)
RANKED = [(7, 0.9), (3, 0.89), (5, 0.5), (1, 0.1)]


def test_a_copy_of_the_first_gives_way_to_something_else() -> None:
    assert spread(RANKED, ROWS, 2, 0.5) == [(7, 0.9), (5, 0.5)]


def test_little_weight_leaves_the_order() -> None:
    assert spread(RANKED, ROWS, 4, 0.001) == RANKED


@settings(deadline=None)
@given(count=st.integers(0, 8), k=st.integers(1, 10), weight=st.floats(0, 0.99), seed=st.integers(0, 9))
def test_each_is_taken_once_and_the_best_is_first(count: int, k: int, weight: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ranked = [(place, float(score)) for place, score in enumerate(np.sort(rng.random(count))[::-1])]
    found = spread(ranked, rows, k, weight)
    assert len(found) == len(set(found)) == min(k, count) and set(found) <= set(ranked)
    assert found[:1] == ranked[:1]
