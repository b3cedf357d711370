import pytest

from loresmith.generate.agreement import agrees


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("4 bar", "4 bar"),
        ("at 4 bar", "4 bar"),
        ("50 %", "50%"),
        ("The encoder.", "encoder"),
        ("limits the pressure of systems", "a device that limits the pressure of a system"),
        ("1,024", "1024"),
    ],
)
def test_the_same_answer_in_other_words_agrees(given: str, answer: str) -> None:
    assert agrees(given, answer)
    assert agrees(answer, given)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("5 bar", "4 bar"),
        ("4 bar", "4.5 bar"),
        ("at 4 bar and at 6 bar", "at 4 bar"),
        ("not trained on images", "trained on images"),
        ("the decoder", "the encoder"),
        ("the valve", "the pump"),
        ("valve", "relief valve"),
        ("", "4 bar"),
    ],
)
def test_another_answer_does_not_agree(given: str, answer: str) -> None:
    assert not agrees(given, answer)
    assert not agrees(answer, given)
