import pytest

from loresmith.generate.clauses import parse, until_break


@pytest.mark.parametrize(
    ("sentence", "question", "rest", "asked"),
    [
        ("The test set holds 1,319 problems.", "how many problems", "", "how many problems does the test set hold?"),
        ("BERT was trained on 16 TPUs.", "on how many TPUs", "", "on how many TPUs was BERT trained?"),
        ("The study covered 8 datasets.", "how many datasets", "", "how many datasets did the study cover?"),
        ("The hidden size of BERT is 768.", "what", "", "what is the hidden size of BERT?"),
        ("GPT-2 can read 1,024 tokens.", "how many tokens", "", "how many tokens can GPT-2 read?"),
        ("LoRA has been applied to 3 models.", "to how many models", "", "to how many models has LoRA been applied?"),
        ("Qwen2.5 has 36 layers.", "how many layers", "", "how many layers does Qwen2.5 have?"),
        ("On GLUE, BERT obtains 80.5 points.", "how many points", "", "how many points does BERT obtain on GLUE?"),
        ("Qwen2.5 also serves 3 domains.", "how many domains", "", "how many domains does Qwen2.5 serve?"),
    ],
)
def test_a_statement_is_asked_back(sentence: str, question: str, rest: str, asked: str) -> None:
    clause = parse(sentence)
    assert clause is not None
    assert clause.asked(question, rest) == asked


def test_an_embedded_question_keeps_the_order_of_the_statement() -> None:
    clause = parse("The test set holds 1,319 problems.")
    assert clause is not None
    assert clause.embedded("how many problems", "") == "how many problems the test set holds"


@pytest.mark.parametrize(
    "sentence",
    [
        "In the first place this holds 3 items.",
        "It holds 3 items.",
        "The paper published in 2021 reports 3 results.",
        "Add 3 layers to the model.",
        "There are 3 layers.",
        "The model, which is large, has 3 layers.",
        "The F1 scores of the models",
        "The loss is not 3 points lower.",
    ],
)
def test_what_leaves_a_doubt_is_not_parsed(sentence: str) -> None:
    assert parse(sentence) is None


def test_a_thought_ends_at_its_conjunction_but_not_inside_a_number() -> None:
    assert until_break("with 32,000 words and more") == "with 32,000 words"
    assert until_break("and more") == ""
