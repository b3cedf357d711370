import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.likeness import Neighbours, likeness, normalised, words


def alike(left: str, right: str) -> float:
    return likeness(words(left), words(right))


def test_names_and_versions_stay_whole() -> None:
    assert words("What is Qwen2.5-72B’s MMLU (pass@1), in %?") == [
        "what",
        "is",
        "qwen2.5-72b's",
        "mmlu",
        "pass@1",
        "in",
    ]


def test_case_and_punctuation_make_no_difference() -> None:
    assert normalised("What is “LoRA”?") == normalised("what is LORA")


def test_another_version_makes_another_question() -> None:
    frame = "According to the second table of the report, what is the accuracy of {} on the test set of the benchmark?"
    assert alike(frame.format("Qwen2-72B"), frame.format("Qwen2.5-72B")) < 0.95


def test_an_inflection_makes_the_same_question() -> None:
    assert alike("How many layers does the model use?", "How many layer does the models use?") == 1.0


def test_the_order_of_words_does_not_count() -> None:
    assert alike("on GLUE, what score", "what score on GLUE") == 1.0


@pytest.mark.parametrize("threshold", [0.6, 0.8, 0.95])
@settings(deadline=None)  # shared machines stall
@given(data=st.data())
def test_the_index_finds_what_comparing_all_pairs_finds(threshold: float, data: st.DataObject) -> None:
    vocabulary = [f"w{number}" for number in range(12)]  # words with digits have no inflections
    texts = data.draw(st.lists(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=8, unique=True), max_size=8))
    asked = data.draw(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=8, unique=True))
    slow = [index for index, text in enumerate(texts) if likeness(asked, text) >= threshold]
    found = Neighbours([" ".join(text) for text in texts], threshold)
    assert [index for index, _ in found.of(" ".join(asked))] == slow


INFLECTED = st.lists(
    st.sampled_from(["layer", "layers", "valve", "valves", "colour", "color", "w1", "w2", "on"]), max_size=8
)


@given(INFLECTED, INFLECTED, st.sampled_from([0.5, 0.6, 0.8, 1.0]))
def test_giving_up_early_changes_no_decision(left: list[str], right: list[str], least: float) -> None:
    exact, early = likeness(left, right), likeness(left, right, least)
    assert early == exact or (early < least and exact < least)


def test_an_inflected_word_counts_in_the_index_as_it_does_alone() -> None:
    found = Neighbours(["How many layers does the models use?"], 0.99)
    assert [index for index, _ in found.of("How many layers does the model use?")] == [0]
