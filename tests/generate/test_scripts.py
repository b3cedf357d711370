import pytest

from loresmith.generate.scripts import scripts_of


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("Which weights does LoRA freeze?", {"Latin"}),
        ("Wie groß ist der Überdruck?", {"Latin"}),
        ("哪些权重被冻结？", {"Han"}),
        ("LoRA 模型 freezes which weights?", {"Latin", "Han"}),
        ("どの重みが凍結されますか？", {"Han", "Kana"}),
        ("Какие веса заморожены?", {"Cyrillic"}),
        ("28.4, 3 %, 17", set()),
        ("", set()),
    ],
)
def test_the_scripts_of_the_words_are_found(text: str, scripts: set[str]) -> None:
    assert scripts_of(text) == scripts


def test_a_single_letter_is_a_sign_and_no_word_but_in_han() -> None:
    assert scripts_of("Is α, Δt, 5 µm or ℵ larger than 𝛽?") == {"Latin"}
    assert scripts_of("What is 水?") == {"Latin", "Han"}
