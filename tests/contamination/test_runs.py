from hypothesis import given
from hypothesis import strategies as st

from loresmith.contamination.runs import COMMON, Runs

WORDS = st.lists(st.sampled_from("abc"), max_size=7)
LENGTH, SHORTEST = 4, 2


def windows(text: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(text[start : start + length]) for start in range(len(text) - length + 1)}


@given(texts=st.lists(st.tuples(WORDS, st.booleans()), max_size=5), asked=WORDS)
def test_a_run_is_found_where_comparing_all_windows_finds_one(
    texts: list[tuple[list[str], bool]], asked: list[str]
) -> None:
    held = Runs(LENGTH, SHORTEST)
    for number, (text, whole) in enumerate(texts):
        held.add(number, text, whole=whole)
    held.seal()
    shared = {run for text, _ in texts for run in windows(text, LENGTH)} & windows(asked, LENGTH)
    short = {tuple(text) for text, whole in texts if whole and SHORTEST <= len(text) < LENGTH}
    shared |= {run for run in short if run in windows(asked, len(run))}
    found = held.find(asked)
    assert (found is not None) == bool(shared)
    if found is not None:
        run = tuple(found.words.split())
        assert run in shared
        assert run in windows(texts[found.text][0], len(run))


def test_no_run_reaches_over_the_end_of_a_text() -> None:
    held = Runs(3, 3)
    held.add(0, ["a", "b", "c", "d"], whole=False)
    held.add(1, ["e", "f", "g"], whole=False)
    held.seal()
    assert held.find(["c", "d", "e"]) is None
    assert held.find(["x", "b", "c", "d"]) is not None


def test_a_run_of_many_texts_is_a_phrase_and_is_counted() -> None:
    held = Runs(3, 3)
    for number in range(COMMON + 1):
        held.add(number, ["choose", "the", "right", f"w{number}"], whole=False)
    held.seal()
    assert held.find(["choose", "the", "right"]) is None
    found = held.find(["the", "right", "w7"])
    assert found is not None and found.text == 7
    assert held.common == 1


def test_the_same_text_twice_is_one_text() -> None:
    held = Runs(3, 3)
    for number in range(COMMON + 5):
        held.add(number, ["one", "and", "only"], whole=False)
    held.seal()
    found = held.find(["one", "and", "only"])
    assert found is not None and found.text == 0
