import numpy as np
import pytest

from loresmith.failures.cases import Case
from loresmith.failures.clusters import clusters
from loresmith.failures.linkage import _merges, linked
from loresmith.retrieval.minilm import MiniLmEmbedder
from tests.failures.asked import case

VALVES = ("At what pressure does the relief valve of the Corvid open?", "What pressure opens the relief valve of the "
          "Lindow?", "The relief valve of the Marram opens at which pressure?", "What is the opening pressure of the "
          "relief valve of the Tarn?")  # fmt: skip
OTHERS = ("Who wrote the first grammar of Old Norse?", "How many weights does the smallest model have?",
          "In which year was the harbour dredged?")  # fmt: skip


def unit(rows: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(rows, 6)).astype(np.float32)
    drawn[::3] = drawn[0] + 0.1 * drawn[::3]
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(4))
def test_merges_are_those_of_scipy(seed: int) -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    vectors = unit(40, seed)
    expected = hierarchy.linkage(vectors.astype(np.float64), method="average", metric="cosine")
    assert sorted(distance for _, _, distance in _merges(vectors)) == pytest.approx(expected[:, 2], abs=1e-6)
    for farthest in (0.2, 0.6, 1.0):
        labels = hierarchy.fcluster(expected, farthest, criterion="distance")
        groups = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}
        assert {frozenset(group) for group in linked(vectors, farthest)} == groups


def test_equal_vectors_are_one_group_and_a_single_one_is_its_own() -> None:
    same = np.repeat(unit(1, 0), 5, axis=0)
    assert linked(same, 0.1) == [[0, 1, 2, 3, 4]]
    assert linked(same[:1], 0.1) == [[0]]


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder()


def asked() -> list[Case]:
    made = [case(i, wrong=True, question=text, document=f"d{i}") for i, text in enumerate(VALVES)]
    made += [case(10 + i, wrong=True, question=text) for i, text in enumerate(OTHERS)]
    made.append(case(20, wrong=False, question="Which pressure opens the relief valve of the Quern?"))
    made.append(case(21, wrong=False, question="Who painted the ceiling?"))
    return made


def test_questions_alike_are_a_cluster_with_its_words_its_centre_and_what_is_right(embedder: MiniLmEmbedder) -> None:
    (found,) = clusters(asked(), embedder.encode)
    assert set(found.questions) == {"q0", "q1", "q2", "q3"}
    assert found.example == found.questions[0]
    assert len(found.terms) == 3
    assert set(found.terms) < {"relief", "valve", "pressure", "open", "opens"}
    assert (found.facts, found.documents, found.alike_right) == (4, 4, 1)


def test_wordings_of_one_fact_are_no_cluster(embedder: MiniLmEmbedder) -> None:
    made = [case(i, wrong=True, question=text, fact="one") for i, text in enumerate(VALVES)]
    made += [case(10 + i, wrong=True, question=text) for i, text in enumerate(OTHERS)]
    assert clusters(made, embedder.encode) == []
