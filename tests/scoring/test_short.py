"""Short answers against references that are quantities, dates or words."""

import pytest

from loresmith.scoring import reading
from loresmith.scoring.short import mark


@pytest.mark.parametrize(
    ("said", "answer", "question", "correct"),
    [
        ("The relief valve opens at 4 bar.", "4 bar", "", True),
        ("400 kPa", "4 bar", "", True),
        ("58 psi", "4 bar", "", True),
        ("4 psi", "4 bar", "", False),
        ("4", "4 bar", "", False),
        ("4", "4 bar", "How many bar?", True),
        ("4 volts", "4 bar", "", False),
        ("18 eggs", "18", "", True),
        ("18", "18 eggs", "", True),
        ("18 ducks", "18 eggs", "", False),
        ("25%", "25", "", True),
        ("25 percent", "25%", "", True),
        ("25", "25%", "", True),
        ("1,319 rpm", "1319 rpm", "", True),
        ("0.9 m", "90 cm", "", True),
        ("90 cm", "0.9 m", "", True),
        ("212 °F", "100 °C", "", True),
        ("16 GB", "16 GB", "", True),
        ("16GB", "16 GB", "", True),
        ("16 gigabytes", "16 GB", "", True),
        ("16 MB", "16 GB", "", False),
        ("$18", "18 dollars", "", True),
        ("18 euros", "$18", "", False),
        ("1800 cents", "$18", "", True),
        ("In 2021 the pump ran at 5 bar", "5 bar", "What in 2021?", True),
        ("about 2 bar", "2 bar", "", True),
        ("March 5, 2021", "2021-03-05", "", True),
        ("2021", "5 March 2021", "", False),
        ("silicone", "silicone rubber", "", False),
        ("The seal is silicone rubber", "silicone rubber", "", False),
        ("twelve", "12", "", True),
        ("12 layers", "12", "", True),
        ("2 hours", "120 minutes", "", True),
        ("1.5 hours", "90 min", "", True),
        ("3 million", "3,000,000", "", True),
        ("The sources do not say.", "The sources do not say.", "", True),
        ("Table 4 says 12 layers", "12 layers", "", True),
    ],
)
def test_what_is_right_in_other_words_or_units_is_right(said: str, answer: str, question: str, correct: bool) -> None:
    assert (mark(said, answer, question).correct, mark(said, answer, question).reason) == (correct, None)


@pytest.mark.parametrize(
    ("said", "answer", "reason"),
    [
        ("5 to 6 bar", "5 bar", reading.SEVERAL),
        ("N/A", "4 bar", reading.DECLINED),
        ("many", "12", reading.NO_NUMBER),
        ("3/5/2021", "5 March 2021", reading.DAY_OR_MONTH),
        ("I do not know.", "silicone rubber", reading.DECLINED),
        ("", "silicone rubber", reading.EMPTY),
        ("<think>It may be rubber", "silicone rubber", reading.THINKING),
    ],
)
def test_an_answer_that_cannot_be_read_is_wrong_with_its_reason(said: str, answer: str, reason: str) -> None:
    assert (mark(said, answer).correct, mark(said, answer).reason) == (False, reason)


def test_a_tolerance_is_relative_to_the_right_number() -> None:
    assert not mark("102", "100").correct
    assert mark("102", "100", tolerance=0.02).correct
    assert not mark("103", "100", tolerance=0.02).correct


def test_equal_words_are_told_apart_from_equal_numbers() -> None:
    assert mark("4 bar.", "4 bar").exact
    assert not mark("400 kPa", "4 bar").exact
