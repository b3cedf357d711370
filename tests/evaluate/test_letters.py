import math

import pytest

from loresmith.evaluate.letters import likeliest, weighed, written

OPTIONS = ("3 bar", "4 bar", "a spring of brass", "2 bar")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"B": -0.1, "A": -3.0}, 1),
        ({" C": -0.5, "B": -1.0}, 2),
        ({"The": -0.01, "D": -9.0}, 3),
        ({"A": math.log(0.3), "B": math.log(0.2), " B": math.log(0.2)}, 1),  # one letter in two spellings
        ({"A": -1.0, "B": -1.0}, 0),
        ({"a": -0.1, "E": -0.2, "Answer": -0.3}, None),
        ({"A": -math.inf}, None),
        ({}, None),
    ],
)
def test_the_likeliest_letter_is_found_among_the_first_tokens(told: dict[str, float], place: int | None) -> None:
    assert likeliest(told, "ABCD") == place


def test_a_letter_that_the_server_does_not_tell_weighs_as_much_as_it_can_at_most() -> None:
    told = {"A": math.log(0.6), " A": math.log(0.1), "B": math.log(0.2), "The": math.log(0.05), "x": -math.inf}
    assert [math.exp(log_p) for log_p in weighed(told, "ABCD")] == pytest.approx([0.7, 0.2, 0.05, 0.05])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("B", 1),
        (" b.", 1),
        ("(C) a spring of brass", 2),
        ("**D**", 3),
        ("A) 3 bar, since it says so", 0),
        ("The correct answer is B.", 1),
        ("Answer: (D)", 3),
        ("the answer is option C", 2),
        ("4 bar", 1),
        ("A  spring of\nbrass.", 2),
        ("A relief valve opens at 4 bar", None),
        ("I cannot tell", None),
        ("E", None),
        ("Answer: E", None),
        ("the answer is blue", None),
        ("", None),
    ],
)
def test_a_letter_is_read_out_of_what_was_written(text: str, place: int | None) -> None:
    assert written(text, "ABCD", OPTIONS) == place
