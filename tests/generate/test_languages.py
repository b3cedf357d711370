from collections.abc import Callable
from typing import Any

import pytest

from loresmith.generate.languages import LanguageCheck, language_of
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Question

PASSAGES = {
    "en": "LoRA freezes the weights of the pretrained model and trains two small matrices in each layer instead.",
    "de": "LoRA friert die Gewichte des vortrainierten Modells ein und lernt in jeder Schicht zwei kleine Matrizen.",
    "fr": "LoRA gèle les poids du modèle préentraîné et apprend deux petites matrices dans chaque couche.",
    "zh": "LoRA 冻结预训练模型的权重，并在每一层训练两个小矩阵。这样可以大大减少需要训练的参数数量。",
}
QUESTIONS = {
    "en": "How many matrices does LoRA train in each layer?",
    "de": "Wie viele Matrizen lernt LoRA in jeder Schicht?",
    "fr": "Combien de matrices LoRA apprend-il dans chaque couche ?",
    "zh": "LoRA 在每一层训练几个矩阵？",
}


def question(text: str, **fields: Any) -> Question:
    known: dict[str, Any] = {
        **{"id": "q", "fact": "f", "document": "d", "source": "a.md", "page": None, "chunk": "c", "quote": "two"},
        **{"kind": "number", "form": "short", "wording": 0, "question": text, "answer": "two"},
    }
    return Question(**(known | fields))


MakeChunk = Callable[..., Chunk]


@pytest.mark.parametrize("language", PASSAGES)
def test_a_question_passes_in_the_language_of_its_passage_and_in_no_other(language: str, chunk_of: MakeChunk) -> None:
    check, chunk = LanguageCheck("document"), chunk_of(PASSAGES[language], title="LoRA", headings=())
    passed = {code for code, text in QUESTIONS.items() if check.fault(question(text), chunk) is None}
    assert passed == {language}


def test_the_reason_names_both_languages_or_the_script(chunk_of: MakeChunk) -> None:
    check, chunk = LanguageCheck("document"), chunk_of(PASSAGES["en"])
    assert check.fault(question(QUESTIONS["de"]), chunk) == "question is in German, its passage is in English"
    mixed = question("Which 权重 does LoRA freeze?")
    assert check.fault(mixed, chunk) == "Han script in the question, none in its passage"
    assert check.fault(question("Какие веса?"), chunk) == "Cyrillic script in the question, none in its passage"


@pytest.mark.parametrize(
    "text",
    [
        "What is the BLEU of GNMT + RL?",
        "MMLU of Qwen2.5-72B?",
        "lora rank r alpha?",
        "Wat pressur does teh releif vavle opne at?",
        "What does `torch.nn.MultiheadAttention` return?",
        "Who wrote “Les Fleurs du mal”?",
        "Is ε or β₂ larger in Adam?",
    ],
)
def test_names_code_signs_and_misspellings_are_no_other_language(text: str, chunk_of: MakeChunk) -> None:
    assert LanguageCheck("document").fault(question(text), chunk_of(PASSAGES["en"])) is None


def test_a_script_that_the_passage_shows_may_be_asked_about(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(f"{PASSAGES['en']} In Chinese papers the word for weights is 权重.")
    assert LanguageCheck("document").fault(question("What does 权重 mean in papers on LoRA?"), chunk) is None


def test_of_a_choice_the_question_counts_and_not_its_instruction(chunk_of: MakeChunk) -> None:
    check, german = LanguageCheck("document"), chunk_of(PASSAGES["de"], title="LoRA", headings=())
    choice: dict[str, Any] = {"form": "choice", "options": ("two", "three")}
    assert check.fault(question(f"Choose the right answer. {QUESTIONS['de']}", **choice), german) is None
    assert check.fault(question(f"Choose the right answer. {QUESTIONS['en']}", **choice), german) is not None
    short = question("Choose the right answer. Welche Gewichte friert LoRA ein?", **choice)
    assert (
        check.fault(short, chunk_of(PASSAGES["en"], id="e" * 16)) == "question is in German, its passage is in English"
    )
    strange = question(f"Choose the right answer. {QUESTIONS['de']}", **choice | {"options": ("two", "三个")})
    assert check.fault(strange, german) == "Han script in the question, none in its passage"


def test_a_passage_of_figures_is_in_no_language(chunk_of: MakeChunk) -> None:
    figures = chunk_of("| N | d_model | d_ff |\n|---|---|---|\n| 6 | 512 | 2048 |\n| 2 | 128 | 1024 |")
    assert language_of(figures.text) is None
    assert LanguageCheck("document").fault(question(QUESTIONS["de"]), figures) is None


def test_the_recipe_can_ask_for_a_language_or_for_no_check(chunk_of: MakeChunk) -> None:
    chunk = chunk_of(PASSAGES["en"])
    assert LanguageCheck("zh").fault(question(QUESTIONS["zh"]), chunk) is None
    wrong = LanguageCheck("zh").fault(question(QUESTIONS["en"]), chunk)
    assert wrong == "question is in English, the recipe asks for Chinese"
    assert LanguageCheck("any").fault(question(QUESTIONS["zh"]), chunk) is None


def test_only_languages_that_can_be_told_are_taken() -> None:
    assert GenerateConfig.model_validate({"language": False}).language == "no"  # a bare `no` in YAML
    with pytest.raises(ValueError, match="'en-GB' is none of document, any, ar"):
        GenerateConfig(language="en-GB")
