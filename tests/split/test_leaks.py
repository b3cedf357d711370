from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.errors import LeakFound
from loresmith.recipe import SplitConfig
from loresmith.records import Question
from loresmith.split.leaks import check, leaks, runs_of

CONFIG = SplitConfig(ngram=6)
LONG = "How many problems does the test set of the grade school mathematics benchmark hold for all of its models?"


def row(identity: str, fact: str, question: str, quote: str = "", answer: str = "7", **fields: Any) -> Question:
    known = {
        "document": "d",
        "source": f"{fact}.md",
        "page": None,
        "chunk": "c",
        "kind": "number",
        "form": "short",
        "wording": 0,
    }
    return Question.model_validate(
        known
        | {"id": identity, "fact": fact, "question": question, "quote": quote or question, "answer": answer}
        | fields
    )


def found(train: list[Question], exam: list[Question]) -> list[tuple[str, str, str]]:
    return [(leak.exam.id, leak.trained.id, leak.check) for leak in leaks(train, exam, CONFIG)]


def test_an_equal_question_is_a_leak_in_any_writing() -> None:
    assert found([row("t", "a", "What is the  LoRA rank?")], [row("e", "b", "what is the lora rank")]) == [
        ("e", "t", "exact question")
    ]


def test_a_nearly_equal_question_is_a_leak() -> None:
    assert found([row("t", "a", LONG, "q")], [row("e", "a", LONG.replace("models", "model"), "q")]) == [
        ("e", "t", "near-duplicate question")
    ]


def test_another_name_with_another_answer_is_no_leak_and_with_the_same_answer_it_is() -> None:
    trained = row("t", "a", LONG.replace("benchmark", "MMLU benchmark"), "q")
    asked = LONG.replace("benchmark", "CMMLU benchmark")
    assert found([trained], [row("e", "a", asked, "q", answer="8")]) == []
    assert found([trained], [row("e", "a", asked, "q")]) == [("e", "t", "near-duplicate question")]


def test_another_answer_alone_does_not_excuse_a_nearly_equal_question() -> None:
    asked = LONG.replace("models", "model")
    assert found([row("t", "a", LONG, "q")], [row("e", "a", asked, "q", answer="seven of them")]) == [
        ("e", "t", "near-duplicate question")
    ]


def test_a_shared_run_of_words_in_quotes_is_a_leak_for_a_fact_that_is_not_trained() -> None:
    trained = row("t", "a", "Which valve?", "The relief valve opens at four bar pressure.")
    exam = row("e", "b", "What opens?", "A note: relief valve opens at four bar pressure, always.")
    assert found([trained], [exam]) == [("e", "t", "run of words")]


def test_a_trained_fact_may_be_asked_in_new_words() -> None:
    trained = row("t", "a", "Which valve?", "The relief valve opens at four bar pressure.")
    assert found([trained], [row("e", "a", "What opens then?", trained.quote)]) == []


def test_a_question_in_the_quote_of_training_is_a_leak() -> None:
    trained = row("t", "a", "Which valve?", "Does the relief valve open at four bar?")
    assert (
        found([trained], [row("e", "b", "Does the relief valve open at four bar or more?", "x")])[0][2]
        == "run of words"
    )


def test_short_of_the_length_nothing_is_shared() -> None:
    trained = row("t", "a", "Which valve?", "The relief valve opens early.")
    assert found([trained], [row("e", "b", "What opens?", "The relief valve opens late.")]) == []


def test_check_names_the_pair_and_the_number_of_leaks() -> None:
    train = [row("t", "a", "What is the rank?")]
    with pytest.raises(LeakFound) as caught:
        check(train, [row("e", "b", "What is the rank?"), row("f", "c", "what is the rank")], CONFIG)
    for part in ("2 exam questions", "exact question", "e (b.md)", "t (a.md)", "What is the rank?"):
        assert part in caught.value.problem


def test_check_is_silent_when_nothing_leaks() -> None:
    check([row("t", "a", "What is the rank?")], [row("e", "b", "When was it?")], CONFIG)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a1", "b2", "c3"]), max_size=12), st.integers(1, 6))
def test_runs_are_all_windows(words: list[str], length: int) -> None:
    assert list(runs_of(" ".join(words), length)) == [
        tuple(words[start : start + length])
        for start in range(len(words))
        if len(words[start : start + length]) == length
    ]


def test_a_run_of_words_in_further_evidence_is_a_leak() -> None:
    words = "The relief valve opens at four bar pressure."
    part = {"chunk": "o", "document": "d", "source": "a.md", "page": None, "start": 0, "end": 1, "quote": words}
    combined, plain = row("t", "a", "Which valve?", "q", also=[part]), row("e", "b", "What opens?", f"A note: {words}")
    assert found([combined], [plain]) == [("e", "t", "run of words")]
    assert found([plain.model_copy(update={"id": "t"})], [combined.model_copy(update={"id": "e"})]) == [
        ("e", "t", "run of words")
    ]
