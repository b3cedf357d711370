import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.records import Passage
from loresmith.retrieval.ground import sources

TEXT = st.lists(st.sampled_from(["One thing is so.", "Two is.", "Three words here.", "four", "Five!", "\n\n"])).map(
    " ".join
)


def passage(text: str) -> Passage:
    return Passage(chunk="c", document="d", source="s.md", title="S", page=3, text=text, score=0.5)


def count_words(text: str) -> int:
    return len(text.split())


def test_passages_are_numbered_from_one() -> None:
    text, used = sources([passage("First is so."), passage("Second.")], count_words, 50)
    assert text == "[1] First is so.\n[2] Second."
    assert [one.text for one in used] == ["First is so.", "Second."]


def test_the_last_passage_is_cut_at_the_end_of_a_sentence() -> None:
    text, used = sources([passage("One two. Three four. Five six.")], count_words, 6)
    assert text == "[1] One two. Three four."
    assert used[0].text == "One two. Three four." and used[0].page == 3


def test_nothing_follows_a_passage_that_was_cut() -> None:
    text, used = sources([passage("One two. Three four."), passage("Five.")], count_words, 4)
    assert (text, len(used)) == ("[1] One two.", 1)


def test_a_passage_of_which_no_sentence_fits_is_left_out() -> None:
    assert sources([passage("One."), passage("A sentence of six words here.")], count_words, 5)[0] == "[1] One."


def test_the_first_passage_is_cut_between_words_rather_than_left_out() -> None:
    assert sources([passage("A sentence of six words here.")], count_words, 4)[0] == "[1] A sentence of"


def test_a_passage_without_text_takes_no_number() -> None:
    text, used = sources([passage("  "), passage("Said.")], count_words, 10)
    assert text == "[1] Said." and len(used) == 1


@pytest.mark.parametrize("budget", [0, 1])
def test_no_room_gives_no_source(budget: int) -> None:
    assert sources([passage("One two.")], count_words, budget) == ("", ())


@settings(deadline=None)
@given(texts=st.lists(TEXT, max_size=4), budget=st.integers(0, 30))
def test_sources_keep_the_budget_and_the_words(texts: list[str], budget: int) -> None:
    text, used = sources([passage(one) for one in texts], count_words, budget)
    assert count_words(text) <= budget
    assert text == "\n".join(f"[{number}] {one.text}" for number, one in enumerate(used, 1))
    full = [one.strip() for one in texts if one.strip()]
    assert all(whole.startswith(one.text) for whole, one in zip(full, used, strict=False))
    assert [one.text for one in used[:-1]] == full[: max(len(used) - 1, 0)]


@settings(deadline=None)
@given(texts=st.lists(TEXT, max_size=4))
def test_all_is_shown_where_there_is_room(texts: list[str]) -> None:
    _, used = sources([passage(one) for one in texts], count_words, 10_000)
    assert [one.text for one in used] == [one.strip() for one in texts if one.strip()]
