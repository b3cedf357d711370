import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.retrieval.terms import content_terms, numbers, share_covered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("valves", "valve"),
        ("quantised", "quantise"),
        ("layers", "layer"),
        ("trained", "training"),
        ("1,024", "1024"),
        ("quantization", "quantised"),
    ],
)
def test_inflections_and_separators_make_no_other_term(one: str, other: str) -> None:
    assert content_terms(one) == content_terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mean", "median"), ("Qwen2.5-3B", "Qwen2.5-7B"), ("16", "160"), ("class", "clay"), ("1.5", "15")],
)
def test_other_words_are_other_terms(one: str, other: str) -> None:
    assert content_terms(one) != content_terms(other)


def test_words_that_only_ask_carry_no_meaning() -> None:
    assert content_terms("What is the name of the valve?") == content_terms("valve")


def test_numbers_lose_their_units_and_names_keep_their_digits() -> None:
    assert numbers("16GB at 71% on Qwen2.5-3B, 1,024 times") == {"16", "71", "qwen2.5-3b", "1024"}


@settings(deadline=None)
@given(st.lists(st.text("abc", min_size=1, max_size=2)), st.lists(st.text("abc", min_size=1, max_size=2)))
def test_a_share_counts_each_needed_term_once(needed: list[str], held: list[str]) -> None:
    share = share_covered(needed, held)
    assert share == (sum(term in held for term in set(needed)) / len(set(needed)) if needed else 0.0)
