import pytest

from loresmith.models.refusal import is_refusal


@pytest.mark.parametrize(
    "said",
    [
        "The sources do not say.",
        "the sources do not say",
        "The sources do not say which one [1].",
        "The passage does not mention the learning rate of GPT-4.",
        "The sources do not give a figure for it in Table 4 [2].",
        "The provided table doesn't list a value for BERT.",
        "Not specified in the given text.",
        "It is not explicitly stated.",
        "No information is given about that model.",
        "I don't know.",
        "I do not have enough context to say.",
        "Unknown",
        "N/A",
        "The answer cannot be determined from the sources.",
        "That figure has not been reported.",
        "There is insufficient information to answer.",
    ],
)
def test_a_refusal_is_known_in_the_words_that_models_use(said: str) -> None:
    assert is_refusal(said)


@pytest.mark.parametrize(
    "said",
    [
        "28.4",
        "The relief valve opens at 4 bar.",
        "The passage does not mention it, but the rate is 0.001.",
        "It is not stated for the base model; the large one has 24 layers.",
        "It does not say, however the author is Jacob Devlin.",
        "Nobody knows the value of pi exactly",
        "No dropout",
        "The known issues list",
        "Denotes a not-for-profit body",
        "",
        "A pump that is not given oil wears out. " * 10,
    ],
)
def test_an_answer_is_no_refusal_whatever_it_doubts(said: str) -> None:
    assert not is_refusal(said)
