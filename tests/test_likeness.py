import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.likeness import Neighbours, likeness, name_different_things, normalised, words


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


@pytest.mark.parametrize("names_count", [True, False])
@pytest.mark.parametrize("threshold", [0.6, 0.8, 0.95])
@settings(deadline=None)  # shared machines stall
@given(data=st.data())
def test_the_index_finds_what_comparing_all_pairs_finds(
    threshold: float, names_count: bool, data: st.DataObject
) -> None:
    vocabulary = [*(f"w{number}" for number in range(9)), "on", "a", "of"]  # none has inflections
    texts = data.draw(st.lists(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=8, unique=True), max_size=8))
    asked = data.draw(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=8, unique=True))
    alike = [index for index, text in enumerate(texts) if likeness(asked, text) >= threshold]
    joined = [" ".join(text) for text in texts]
    slow = [i for i in alike if not (names_count and name_different_things(" ".join(asked), joined[i]))]
    found = Neighbours(joined, threshold, names_count=names_count)
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


CELL = "A reader of Table 3 of “DeepSeekMoE” looks for the {} of {}. What is the answer?"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (CELL.format("MMLU (Acc.)", "LLaMA2 7B"), CELL.format("CMMLU (Acc.)", "LLaMA2 7B")),
        (CELL.format("HumanEval", "Qwen2-7B"), CELL.format("HumanEval+", "Qwen2-7B")),
        (CELL.format("CruxEval-I-COT", "GPT-4"), CELL.format("CruxEval-O-COT", "GPT-4")),
        (CELL.format("Path Length", "Self-Attention"), CELL.format("Path Length", "Self-Attention (restricted)")),
        (CELL.format("BLEU", "ConvS2S"), CELL.format("BLEU", "ConvS2S Ensemble")),
        (CELL.format("Pick", "ReAct"), CELL.format("Pick 2", "ReAct")),
        (CELL.format("BrowseComp", "V3.1"), CELL.format("BrowseComp_zh", "V3.1")),
        (CELL.format("Acc", "CoT-SC → ReAct"), CELL.format("Acc", "ReAct → CoT-SC")),
        (CELL.format("area", "Austria"), CELL.format("area", "Australia")),
        ("Does GPT-4 beat Qwen2 on this set?", "Does Qwen2 beat GPT-4 on this set?"),
    ],
)
def test_another_name_code_number_or_place_of_names_makes_another_question(left: str, right: str) -> None:
    assert name_different_things(left, right)
    assert name_different_things(right, left)
    assert likeness(words(left), words(right)) > 0.85  # by their words they are alike
    assert list(Neighbours([left], 0.85).of(right)) == []
    assert [index for index, _ in Neighbours([left], 0.85, names_count=False).of(right)] == [0]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("How many layers does GPT-4's encoder use?", "How many layer does the GPT4 encoder use?"),
        ("What is the score of Llama-3.1 on MMLU?", "What is the score of Llama 3.1 on the MMLU?"),
        ("On MMLU, what is the score of Qwen2?", "What is the score of Qwen2 on MMLU?"),
        ("Which LLMs are compared to the Transformers?", "Which LLM is compared to the Transformer?"),
        ("Whose classes are the Losses?", "Whose class is the Loss?"),
        ("what is the mmlu score of qwen2?", "What is the MMLU score of Qwen2?"),
        ("HOW MANY LAYERS ARE USED?", "HOW MANY LAYER ARE USED?"),
        ("Choose one option. Which valve opens first (of the two)?", "Which valve opens first?"),
        ("Look at LoRA. State the rank.", "Look at LoRA. Give the rank."),
        ("Which valve should I open?", "Which valve should one open?"),
    ],
)
def test_other_words_signs_and_endings_leave_the_names_as_they_are(left: str, right: str) -> None:
    assert not name_different_things(left, right)
    assert not name_different_things(right, left)


NAMED = st.lists(
    st.sampled_from(["Which", "layer", "layers", "MMLU", "CMMLU", "GPT-4", "GPT4", "Bern", "2"]), max_size=6
)


@given(NAMED, NAMED)
def test_which_text_comes_first_makes_no_difference_to_the_names(left: list[str], right: list[str]) -> None:
    mine, theirs = " ".join(left), " ".join(right)
    assert name_different_things(mine, theirs) == name_different_things(theirs, mine)
    assert not name_different_things(mine, mine)
