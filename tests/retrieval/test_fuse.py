import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.retrieval.fuse import RANK_OFFSET, Candidates, fused, reordered

RANKING = st.permutations(range(8)).flatmap(lambda items: st.integers(0, 8).map(lambda size: items[:size]))
ORDER = {item: item for item in range(8)}


def test_a_score_is_the_sum_of_weighted_reciprocal_ranks() -> None:
    scores = dict(fused([(0.3, "ab"), (0.7, "bc")], {"a": 0, "b": 1, "c": 2}))
    assert scores == {
        "a": pytest.approx(0.3 / (RANK_OFFSET + 1)),
        "b": pytest.approx(0.3 / (RANK_OFFSET + 2) + 0.7 / (RANK_OFFSET + 1)),
        "c": pytest.approx(0.7 / (RANK_OFFSET + 2)),
    }


@settings(deadline=None)
@given(RANKING, RANKING, st.floats(0.01, 0.99))
def test_every_item_comes_once_best_first(one: list[int], other: list[int], weight: float) -> None:
    ranked = fused([(weight, one), (1 - weight, other)], ORDER)
    assert sorted(item for item, _ in ranked) == sorted({*one, *other})
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)


@settings(deadline=None)
@given(RANKING, st.floats(0.01, 0.99))
def test_two_equal_rankings_keep_their_order(items: list[int], weight: float) -> None:
    assert [item for item, _ in fused([(weight, items), (1 - weight, items)], ORDER)] == items


@settings(deadline=None)
@given(RANKING, RANKING)
def test_full_weight_keeps_the_order_of_its_ranking_at_the_top(one: list[int], other: list[int]) -> None:
    assert [item for item, _ in fused([(1.0, one), (0.0, other)], ORDER)][: len(one)] == one


@settings(deadline=None)
@given(RANKING, RANKING, st.floats(0.01, 0.99))
def test_an_item_that_is_ahead_in_both_stays_ahead(one: list[int], other: list[int], weight: float) -> None:
    place = {item: rank for rank, (item, _) in enumerate(fused([(weight, one), (1 - weight, other)], ORDER))}
    for better in one:
        for worse in one[one.index(better) + 1 :]:
            if better in other and worse in other and other.index(better) < other.index(worse):
                assert place[better] < place[worse]


def test_equal_scores_follow_the_given_order() -> None:
    assert [item for item, _ in fused([(0.5, "b"), (0.5, "a")], {"a": 0, "b": 1})] == ["a", "b"]
    assert [item for item, _ in fused([(0.5, "b"), (0.5, "a")], {"a": 1, "b": 0})] == ["b", "a"]


DENSE, WORDS = {3: 0.9, 1: 0.5}, {1: 20.0, 7: 10.0}


def test_scores_are_added_with_bm25_over_its_best() -> None:
    found = Candidates(DENSE, WORDS, {7: 0.2}).ranked("scores", 0.6)
    assert [position for position, _ in found] == [1, 3, 7]
    assert [score for _, score in found] == pytest.approx([0.6 * 0.5 + 0.4, 0.54, 0.6 * 0.2 + 0.4 * 0.5])


def test_ranks_are_fused_as_ranks() -> None:
    assert Candidates(DENSE, WORDS).ranked("ranks", 0.3) == fused([(0.3, [3, 1]), (0.7, [1, 7])], {3: 3, 1: 1, 7: 7})


def test_no_word_is_no_division_by_zero() -> None:
    assert Candidates({4: 0.1}, {}).sums(0.5) == {4: 0.05}
    assert Candidates({}, {}).ranked("scores", 0.5) == []


def test_what_was_compared_comes_first_and_the_rest_keeps_its_order() -> None:
    ranked = [(5, 0.4), (2, 0.3), (9, 0.2), (1, 0.1)]
    found = reordered(ranked, {5: 0.2, 2: 0.4}, {5: 0.1, 2: 0.9}, 0.5)
    assert [position for position, _ in found] == [2, 5, 9, 1]
    scores = [score for _, score in found]
    assert scores[:2] == pytest.approx([0.65, 0.15]) and scores == sorted(scores, reverse=True)
