"""Expected figures follow from the rules of the SQuAD v1.1 scorer, worked out by hand."""

import pytest

from loresmith.models import squad


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("The relief valve.", "relief valve"),
        ("RELIEF   valve", "relief valve"),
        ("1,319", "1319"),
        ("an apple", "Apple"),
        ("$4.50", "4.50"),
        ("it's", "its"),
    ],
)
def test_case_articles_punctuation_and_spaces_do_not_matter(given: str, answer: str) -> None:
    assert squad.exact_match(given, [answer])
    assert squad.token_f1(given, [answer]) == 1.0


@pytest.mark.parametrize(("given", "answer"), [("4.5 bar", "45 bar"), ("-3", "3"), ("−3", "3"), ("3.50", "350")])
def test_numbers_that_differ_only_in_punctuation_are_not_equal(given: str, answer: str) -> None:
    assert not squad.is_correct(given, answer)


@pytest.mark.parametrize(("given", "answer"), [("1,319 rpm", "1319 rpm"), ("GPT-4.", "gpt-4"), ("10-20", "10-20")])
def test_the_same_number_written_otherwise_is_correct(given: str, answer: str) -> None:
    assert squad.is_correct(given, answer)


def test_the_official_scorer_is_blind_to_decimal_points_and_ours_is_where_it_must_compare() -> None:
    assert squad.exact_match("4.5", ["45"])


def test_token_f1_is_the_harmonic_mean_over_words() -> None:
    # 2 of 3 given words, 2 of 4 expected ones: precision 2/3, recall 1/2
    assert squad.token_f1("red valve opens", ["the red relief valve body"]) == pytest.approx(
        2 * (2 / 3) * 0.5 / (7 / 6)
    )
    assert squad.token_f1("red red red", ["red"]) == pytest.approx(0.5)
    assert squad.token_f1("nothing", ["red"]) == 0.0
    assert squad.token_f1("", ["red"]) == 0.0


def test_the_best_of_several_answers_counts() -> None:
    assert squad.token_f1("red", ["blue", "red valve"]) == pytest.approx(2 / 3)
    assert squad.exact_match("red", ["blue", "Red"])
    assert squad.token_f1("red", []) == 0.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234,567.89", [1234567.89]),
        ("12,34", [12.0, 34.0]),
        ("1,3190", [1.0, 3190.0]),
        ("GPT-4 has 10-20 of .5", [4.0, 10.0, 20.0, 0.5]),
        ("v1.2.3", []),
        ("−4 to +3", [-4.0, 3.0]),
    ],
)
def test_numbers_are_read_with_signs_groups_and_decimals(text: str, found: list[float]) -> None:
    assert squad.numbers(text) == found


def test_citation_marks_are_not_part_of_an_answer_unless_the_answer_has_brackets() -> None:
    assert squad.without_citations("4 bar [1]", "4 bar") == "4 bar"
    assert squad.without_citations("4 bar [1, 2].", "4 bar") == "4 bar."
    assert squad.without_citations("the interval [0, 1]", "[0, 1]") == "the interval [0, 1]"
