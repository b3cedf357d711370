import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.generate.plain import capitalised, comparable, decapitalised, is_same_answer, plain, value_of


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**LoRA** is *small*, see [the paper](x.pdf).", "LoRA is small, see the paper."),
        ("GShard (Lepikhin et al., 2021) uses `top-2`.", "GShard uses top-2."),
        ("It works (Brown et al., 2020; OpenAI, 2023) well [3, 12].", "It works well."),
        ("The typewriter (introduced by IBM in 1935) helped.", "The typewriter (introduced by IBM in 1935) helped."),
        ("On the leaderboard^10 , it leads.", "On the leaderboard, it leads."),
        ("A cost of 10^20 steps \\< 2\\*x", "A cost of 10^20 steps < 2*x"),
        ("one\nline\n  only", "one line only"),
        ("A layer costs O(n^2 · d) steps.", "A layer costs O(n^2 · d) steps."),
    ],
)
def test_marks_citations_and_line_breaks_go(markdown: str, words: str) -> None:
    assert plain(markdown) == words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2", "2.0"),
        ("1,319", "1319"),
        ("50%", "50 %"),
        ("LoRA", "lora"),
        ("the reader", "Reader."),
        ("1 million", "1000000"),
    ],
)
def test_equal_answers_are_known_in_other_writing(left: str, right: str) -> None:
    assert is_same_answer(left, right)


@pytest.mark.parametrize(
    ("left", "right"), [("2", "2.5"), ("50%", "50"), ("8 GB", "8 MB"), ("top-2", "top-3"), ("LoRA", "QLoRA")]
)
def test_other_values_and_units_are_other_answers(left: str, right: str) -> None:
    assert not is_same_answer(left, right)


def test_a_text_with_two_numbers_has_no_value() -> None:
    assert value_of("14 / 2") is None
    assert value_of("1.5 million") == 1_500_000


@settings(deadline=None)
@given(st.text(max_size=40))
def test_comparable_changes_nothing_twice(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)


@pytest.mark.parametrize(
    ("phrase", "inside"),
    [
        ("The encoder", "the encoder"),
        ("Training took", "training took"),
        ("BERT has", "BERT has"),
        ("A block", "a block"),
        ("Chinchilla was", "Chinchilla was"),
        ("Fifty questions", "fifty questions"),
    ],
)
def test_only_names_keep_their_capital_inside_a_sentence(phrase: str, inside: str) -> None:
    assert decapitalised(phrase) == inside


def test_names_written_small_stay_small_at_the_start() -> None:
    assert capitalised("how many") == "How many"
    assert capitalised("llama.cpp runs") == "llama.cpp runs"
