from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.contamination.benchmark_files import benchmark_files
from loresmith.contamination.index import Benchmarks, Match
from loresmith.errors import UserError
from loresmith.recipe import DecontaminateConfig

QUESTION = "Which of these valves lets steam out of the boiler before the pressure bursts the third drum?"
CHOICES = ["The relief valve", "The feed valve", "The gate valve"]
Held = Callable[..., Benchmarks]
WriteBenchmark = Callable[..., Path]


def there(match: Match | None) -> Match:
    assert match is not None
    return match


def test_an_equal_question_is_found_in_any_case_and_punctuation(held: Held) -> None:
    found = there(held([{"question": "x y z?"}, {"question": QUESTION}]).match([QUESTION.upper().replace("?", " !")]))
    assert (found.check, found.part, found.item) == ("equal", "question", "bench/test.jsonl, line 2")
    assert found.item_text == QUESTION


def test_a_question_within_a_longer_text_is_found_by_its_run_of_words(held: Held) -> None:
    found = there(held([{"question": QUESTION}]).match([f"Please read this first. {QUESTION} Explain."]))
    assert found.check == "run of words"
    assert found.evidence == "which of these valves lets steam out of the boiler before the pressure"


@pytest.mark.parametrize(("words", "is_found"), [(8, True), (7, False)])
def test_a_short_question_counts_as_a_run_from_eight_words_on(held: Held, words: int, is_found: bool) -> None:
    short = " ".join(QUESTION.split()[:words])
    assert (held([{"question": short}]).match([f"Well, {short} indeed"]) is not None) == is_found


def test_twelve_words_in_a_row_of_a_longer_question_are_no_leak(held: Held) -> None:
    other = " ".join(QUESTION.split()[:12]) + " and then some words that nobody has ever asked about in this benchmark"
    assert held([{"question": QUESTION}]).match([other]) is None
    assert there(held([{"question": QUESTION}], ngram=12).match([other])).check == "run of words"


def test_a_question_with_one_word_changed_is_nearly_equal(held: Held) -> None:
    found = there(held([{"question": QUESTION}]).match([QUESTION.replace("steam", "gas")]))
    assert (found.check, found.evidence) == ("near-duplicate", "likeness 0.89")


def test_a_question_that_differs_in_a_number_or_a_name_alone_is_found(held: Held) -> None:
    task = "How many clips did she sell in 48 days if April alone brought her half as many more?"
    benchmarks = held([{"question": task}])
    for changed in (task.replace("48", "96"), task.replace("April", "March")):
        assert there(benchmarks.match([changed])).check == "near-duplicate"


def test_the_threshold_decides_what_is_nearly_equal(held: Held) -> None:
    changed = QUESTION.replace("steam", "gas")
    assert held([{"question": QUESTION}], near_duplicate=0.9).match([changed]) is None
    assert held([{"question": QUESTION}], near_duplicate=0.85).match([changed]) is not None


def test_a_prompt_that_lists_the_choices_behind_the_question_is_found(held: Held) -> None:
    short = "Which valve lets steam out?"
    prompt = f"{short}\nA. {CHOICES[0]}\nB. {CHOICES[1]}\nC. {CHOICES[2]}"
    benchmarks = held([{"question": short, "choices": CHOICES}])
    assert there(benchmarks.match([prompt])).check == "near-duplicate"
    assert held([{"question": short}]).match([prompt]) is None


@pytest.mark.parametrize("column", ["context", "answer", "choices"])
def test_a_long_run_of_a_passage_answer_or_choice_is_found_and_its_part_named(held: Held, column: str) -> None:
    found = there(held([{"question": "Why is that so?", column: [QUESTION]}]).match([], [f"It says: {QUESTION}"]))
    assert (found.part, found.item_text) == (column.removesuffix("s"), "Why is that so?")


def test_a_short_answer_that_stands_in_a_row_is_no_leak(held: Held) -> None:
    eight = "the relief valve on top of the drum"
    benchmarks = held([{"question": "Why is that so?", "answer": eight, "choices": [eight]}])
    assert benchmarks.match([f"It is {eight}, they said."]) is None


def test_a_greeting_is_not_taken_for_a_question_of_three_words(held: Held) -> None:
    benchmarks = held([{"question": "Who are you?"}, {"question": "Who are you all?"}])
    assert benchmarks.match(["Who are you?"]) is None
    assert there(benchmarks.match(["Who are you all?"])).check == "equal"


def test_what_stands_beside_is_compared_by_runs_alone(held: Held) -> None:
    short = "Who opened the relief valve?"
    assert held([{"question": short}]).match([], [short]) is None
    assert held([{"question": short}]).match([short]) is not None


def test_a_file_without_questions_among_others_is_passed_over_and_named(write_benchmark: WriteBenchmark) -> None:
    write_benchmark([{"question": QUESTION}], "all/a.jsonl")
    folder = write_benchmark([{"company": "y"}], "all/facts.jsonl").parent
    benchmarks = Benchmarks(benchmark_files([folder]), DecontaminateConfig())
    assert benchmarks.counts == {"all/a.jsonl": 1}
    assert list(benchmarks.passed_over) == ["all/facts.jsonl"]


def test_nothing_but_files_without_questions_is_an_error(write_benchmark: WriteBenchmark) -> None:
    paths = [write_benchmark([{"company": "y"}], f"all/{name}.jsonl") for name in "ab"]
    for chosen in (paths, paths[:1]):
        with pytest.raises(UserError, match=r"columns: company"):
            Benchmarks(benchmark_files(chosen), DecontaminateConfig())
