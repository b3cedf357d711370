import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.characters import storable

ANY_TEXT = st.text(st.sampled_from("aé東😀\ud83d\ude00\ufffd\ufeff\x00\n"), max_size=8)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("before \ud83d after", "before \ufffd after"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
        (json.loads(r'"\ud83d\ude00"'), "😀"),
    ],
)
def test_each_half_of_a_pair_becomes_one_mark_and_a_whole_pair_its_character(text: str, stored: str) -> None:
    assert storable(text) == stored


@given(ANY_TEXT)
def test_a_file_can_hold_every_text_that_comes_out(text: str) -> None:
    assert storable(text).encode("utf-8").decode("utf-8") == storable(text)


@given(st.text())
def test_a_text_that_a_file_can_hold_stays_as_it_is(text: str) -> None:
    assert storable(text) == text
