import pytest

from loresmith.models import choice


def test_a_long_option_is_not_worse_for_being_long() -> None:
    assert choice.best(["no", "the relief valve"], [-4.0, -8.0]) == "the relief valve"


def test_of_equal_options_the_first_is_taken() -> None:
    assert choice.best(["aa", "bb", "cc"], [-3.0, -2.0, -2.0]) == "bb"


def test_scores_are_log_probabilities_per_character() -> None:
    assert choice.per_character(["ab", "abcd"], [-1.0, -1.0]) == [-0.5, -0.25]


@pytest.mark.parametrize(("options", "scores"), [([], []), (["a"], []), (["a"], [-1.0, -2.0])])
def test_scores_that_do_not_belong_to_the_options_are_refused(options: list[str], scores: list[float]) -> None:
    with pytest.raises(ValueError, match="options with"):
        choice.best(options, scores)
