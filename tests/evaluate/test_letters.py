import math

import pytest

from loresmith.evaluate.letters import likeliest, weighed


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
