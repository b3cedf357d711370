import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.sentences import cut_long, sentence_starts


def split(text: str) -> list[str]:
    bounds = [0, *sentence_starts(text), len(text)]
    return [text[start:end].strip() for start, end in itertools.pairwise(bounds)]


def test_sentences_end_at_full_stops() -> None:
    assert split("One valve opens. Two close! Why? vLLM serves.") == [
        "One valve opens.",
        "Two close!",
        "Why?",
        "vLLM serves.",
    ]


def test_the_mark_of_a_footnote_belongs_to_its_sentence() -> None:
    assert split("One valve opens.[^3] Two close.[^∗][^p-2] Why?") == [
        "One valve opens.[^3]",
        "Two close.[^∗][^p-2]",
        "Why?",
    ]


def test_abbreviations_and_numbers_end_no_sentence() -> None:
    text = "J. Smith et al. Measured, e.g. Valve 4.5 in Fig. 3."
    assert split(text) == [text]


@settings(deadline=None)  # shared machines stall
@given(st.text(alphabet="ab. \nA", max_size=80), st.integers(1, 20))
def test_cuts_hold_everything_and_no_piece_is_too_long(text: str, size: int) -> None:
    pieces = cut_long(text, size)
    assert all(0 < end - start <= size for start, end in pieces)
    assert "".join(text[start:end] for start, end in pieces).split() == text.split() or "".join(
        "".join(text[start:end] for start, end in pieces).split()
    ) == "".join(text.split())
