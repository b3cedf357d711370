import pytest

from loresmith.generate.measures import measures_in, unit_after


def found(text: str) -> list[tuple[str, str]]:
    return [(measure.answer, measure.asks) for measure in measures_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,319 problems", [("1,319", "how many problems")]),
        ("about 350 GB of memory", [("350 GB", "how many GB")]),
        ("an F1 score of 91.0% on SQuAD", [("91.0%", "what percentage")]),
        ("7 trillion tokens", [("7 trillion", "how many tokens")]),
        ("$5.6 million", [("$5.6 million", "how much money")]),
        ("a learning rate of 5e-5", [("5e-5", "what")]),
        ("671B total parameters", [("671B", "how many total parameters")]),
    ],
)
def test_numbers_are_asked_with_what_they_count(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "published in 2021",
        "shown in Table 4",
        "more than 30 layers",
        "between 3 and 5 runs",
        "3-5 runs",
        "LLaMA2 7B",
        "Claude 3 Opus",
        "a 24 GB GPU",
        "version 2.5.1",
        "GPT-3 models",
        "1/30",
        "at most 4 GB",
        "2π",
    ],
)
def test_years_labels_bounds_ranges_and_names_are_no_measures(text: str) -> None:
    assert found(text) == []


def test_a_soft_hedge_is_part_of_what_the_question_replaces() -> None:
    (measure,) = measures_in("took about 3 days in all")
    assert "took about 3 days in all"[measure.start : measure.end] == "about 3 days"


def test_the_unit_of_an_answer_is_read_from_its_quote() -> None:
    assert unit_after("The set holds 1,319 problems.", "1,319") == "problems"
    assert unit_after("It takes 350 GB.", "350 GB") == "GB"
    assert unit_after("Nothing of the kind.", "7") == ""
