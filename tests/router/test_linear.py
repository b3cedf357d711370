import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith.router.linear import RIDGE, fitted, softmax

DIMENSIONS = 6


def cloud(sizes: tuple[int, ...], seed: int = 3, spread: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rows of length 1 around one axis for each class, so widely spread that some lie with another class."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(DIMENSIONS)[labels] + spread * rng.normal(size=(len(labels), DIMENSIONS))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), labels


def test_the_fit_has_the_loss_that_a_general_optimiser_reaches() -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed")
    vectors, labels = cloud((40, 25, 30))
    rows, truth = np.column_stack([vectors, np.ones(len(vectors))]), np.eye(3)[labels]
    share = truth @ (1 / (3 * truth.sum(axis=0)))

    def loss(flat: NDArray[np.float64]) -> float:
        weights = flat.reshape(3, -1)
        chances = softmax(rows @ weights.T)[np.arange(len(labels)), labels]
        return float(-(share * np.log(chances)).sum() + RIDGE / 2 * (weights[:, :-1] ** 2).sum())

    ours = fitted(vectors, labels, 3)
    theirs = optimize.minimize(loss, np.zeros(3 * (DIMENSIONS + 1)), method="L-BFGS-B", options={"maxiter": 5000})
    found = loss(np.column_stack([ours.weights, ours.bias]).ravel())
    assert found == pytest.approx(theirs.fun, abs=1e-4)


def test_a_class_with_ten_times_the_rows_claims_no_more_of_the_middle() -> None:
    vectors, labels = cloud((400, 40), spread=0.5)
    middle = np.eye(DIMENSIONS)[0] + np.eye(DIMENSIONS)[1]
    shares = softmax(fitted(vectors, labels, 2, ridge=1e-2).scores((middle / np.linalg.norm(middle))[None]))[0]
    assert shares[0] == pytest.approx(0.5, abs=0.12)


def test_the_same_rows_give_the_same_weights_to_the_bit() -> None:
    vectors, labels = cloud((30, 30, 30))
    first, second = fitted(vectors, labels, 3), fitted(vectors.copy(), labels.copy(), 3)
    assert first.weights.tobytes() == second.weights.tobytes()
    assert first.bias.tobytes() == second.bias.tobytes()
