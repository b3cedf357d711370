import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.models.forms import Choice, Either, Fields, Row, Text, gbnf, grammar, together

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@settings(max_examples=40)
@given(values=st.lists(WORDS, min_size=1, max_size=5))
def test_no_choice_is_longer_in_json_than_its_form_says(values: list[str]) -> None:
    longest = Choice(tuple(values)).longest()
    assert all(len(json.dumps(value, ensure_ascii=False).encode()) <= longest for value in values)


@settings(max_examples=40)
@given(values=st.lists(st.text('ab"\\\n', min_size=1, max_size=6), min_size=1, max_size=4))
def test_no_object_is_longer_than_its_form_says(values: list[str]) -> None:
    places = [Choice((value,)) for value in values]
    form = Fields({"first": Row(tuple(places)), "second": Either(tuple(places))})
    reply = {"first": values, "second": max(values, key=lambda value: len(json.dumps(value)))}
    assert (
        len(json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()) <= form.longest() < together([form])
    )


def test_a_text_of_accented_letters_fits_its_bound_and_one_more_does_not_match() -> None:
    form = Text(3, 8, ("What",), "?")
    pattern = re.compile(str(form.schema()["pattern"]))
    widest = f"What {'é' * 8}?"
    assert pattern.fullmatch(widest) and not pattern.fullmatch(f"What {'é' * 9}?")
    assert len(json.dumps(widest, ensure_ascii=False).encode()) <= form.longest()


def test_a_text_needs_no_escape_and_no_ending_within() -> None:
    pattern = re.compile(str(Text(3, 40, (), "?").schema()["pattern"]))
    assert pattern.fullmatch("the valve opens at 4 bar?")
    for wrong in ('the "valve"?', "the \\valve?", "the\nvalve?", "the? valve?", "the valve", " the valve?", "th?"):
        assert not pattern.fullmatch(wrong), wrong


def test_white_space_is_not_left_to_the_model() -> None:
    assert '"whitespace_flexible": false' in grammar(Choice(("a",)))


def test_llama_cpps_own_notation_escapes_what_json_has_escaped() -> None:
    form = Fields({"a": Choice(('say "é"\\', "b"))})
    assert gbnf(form) == r'root ::= ("{" "\"a\":" ("\"say \\\"é\\\"\\\\\"" | "\"b\"") "}")'
