import pytest

from loresmith.domains.gsm8k import gsm8k
from loresmith.exchange.dialogue import Refused


def test_the_worked_answer_loses_the_marks_of_the_calculator_and_keeps_its_result() -> None:
    (asked,) = gsm8k({"question": "Two\npumps?", "answer": "2 pumps give 2*3=<<2*3=6>>6 l.\n#### 6"})
    assert (asked.question, asked.answer) == ("Two pumps?", "2 pumps give 2*3=6 l.\n#### 6")


def test_an_answer_without_its_result_is_refused() -> None:
    with pytest.raises(Refused, match="no result"):
        list(gsm8k({"question": "Two pumps?", "answer": "Six."}))
