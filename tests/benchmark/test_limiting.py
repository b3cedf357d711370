from hypothesis import given
from hypothesis import strategies as st

from loresmith.benchmark.items import Item
from loresmith.benchmark.limiting import limited


def items(sizes: list[int]) -> list[Item]:
    return [Item(subject=f"s{number}", question="?") for number, size in enumerate(sizes) for _ in range(size)]


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8), limit=st.integers(1, 200), seed=st.integers(0, 9))
def test_every_subject_gets_its_share_and_no_question_comes_twice(sizes: list[int], limit: int, seed: int) -> None:
    exam = items(sizes)
    places = limited(exam, limit, seed)
    assert places == sorted(set(places))
    assert len(places) == min(limit, len(exam))
    counts = [sum(exam[place].subject == f"s{number}" for place in places) for number in range(len(sizes))]
    if limit >= len(sizes):
        assert min(counts) >= 1
    exact = [min(limit, len(exam)) * size / len(exam) for size in sizes]
    tiny = sum(share < 1 for share in exact)  # what these are given, others lose
    assert all(share - 1 - tiny < count < share + 1 or count == 1 for share, count in zip(exact, counts, strict=True))


def test_the_choice_follows_the_seed() -> None:
    exam = items([50])
    assert limited(exam, 10, 1) == limited(exam, 10, 1) != limited(exam, 10, 2)
    assert limited(exam, 10, 1) != list(range(10))
