import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.generate.distractors import options_for
from loresmith.generate.plain import is_same_answer, value_of
from loresmith.records import Fact


def fact(identity: str, answer: str, quote: str = "", kind: str = "number") -> Fact:
    words = quote or f"It is {answer}."
    known = {"chunk": "c", "document": "d", "source": "a.md", "page": None, "start": 0, "end": 1, "subject": "s"}
    return Fact.model_validate(known | {"id": identity, "quote": words, "kind": kind, "answer": answer})


ASKED = fact("0" * 16, "1,319", "The set holds 1,319 problems.")


def test_cells_of_the_same_column_come_first() -> None:
    options = options_for(fact("1", "79.6", kind="cell"), ["82.1", "86.4", "40.1", "55.0"], [], 4, "What?")
    assert len(options) == 4
    assert set(options) <= {"79.6", "82.1", "86.4", "40.1", "55.0"}


def test_numbers_of_the_same_unit_come_before_others() -> None:
    neighbours = [
        fact("2", "1,400", "Takes 1,400 hours."),
        fact("3", "1,500", "Has 1,500 problems."),
        fact("4", "900", "Has 900 problems."),
    ]
    assert set(options_for(ASKED, [], neighbours, 3, "How many?")) == {"1,319", "1,500", "900"}


def test_without_neighbours_numbers_are_varied_in_the_same_writing() -> None:
    options = options_for(ASKED, [], [], 4, "How many?")
    assert len(options) == 4
    assert all("," in option or len(option) < 4 for option in options)


def test_numbers_far_away_are_no_options() -> None:
    options = options_for(fact("1", "4"), ["5000000", "6"], [], 3, "How many?")
    assert "5000000" not in options


def test_terms_are_not_invented() -> None:
    assert options_for(fact("1", "LoRA", kind="term"), [], [], 4, "Which?") == ["LoRA"]


def test_a_name_in_the_question_or_the_quote_is_no_option() -> None:
    neighbours = [fact("2", "QLoRA", kind="term"), fact("3", "BitFit", kind="term"), fact("4", "DoRA", kind="term")]
    asked = fact("1", "LoRA", "LoRA came before DoRA.", kind="term")
    assert set(options_for(asked, [], neighbours, 4, "What does BitFit copy?")) == {"LoRA"}


def test_the_order_depends_on_the_fact_alone() -> None:
    rivals = ["82.1", "86.4", "40.1"]
    made = [options_for(fact(str(n), "79.6", kind="cell"), rivals, [], 4, "What?") for n in range(12)]
    assert len({options.index("79.6") for options in made}) > 1
    assert made == [options_for(fact(str(n), "79.6", kind="cell"), rivals, [], 4, "What?") for n in range(12)]


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 40).map(str), st.floats(0, 40).map(lambda x: f"{x:.1f}")), max_size=8),
    st.integers(2, 6),
)
def test_no_two_options_are_equal_and_the_answer_is_one_of_them(rivals: list[str], count: int) -> None:
    options = options_for(fact("1", "12"), rivals, [], count, "How many?")
    assert "12" in options
    assert len(options) <= count
    assert not any(is_same_answer(left, right) for i, left in enumerate(options) for right in options[:i])


@pytest.mark.parametrize("answer", ["90%", "May 2023", "0.5", "$5.6 million"])
def test_varied_numbers_stay_plausible(answer: str) -> None:
    options = options_for(fact("1", answer), [], [], 4, "What?")
    assert len(options) >= 3
    for option in options:
        value = value_of(option.removeprefix("May "))
        assert value is not None
        assert not option.endswith("%") or value <= 100
        assert not option.startswith("May") or value <= 2023


def test_a_reason_that_could_be_right_as_well_is_no_option() -> None:
    neighbours = [
        fact("2", "to make the evaluation of models easier", kind="reason"),
        fact("3", "to save memory", kind="reason"),
        fact("4", "its layers are frozen for good", kind="reason"),
        fact("5", "to keep routing from a collapse", kind="reason"),
    ]
    asked = fact("1", "to evaluate what the coder can do", kind="reason")
    options = options_for(asked, [], neighbours, 4, "Why does the team use CRUX?")
    assert set(options) == {"to evaluate what the coder can do", "to keep routing from a collapse"}


def test_the_rivals_of_a_comparison_may_stand_in_its_quote() -> None:
    head = "| Benchmark | Falcon | Claude |"
    made = [
        options_for(fact("1", "Falcon", head, kind), ["Claude"], [], 2, "Which?") for kind in ("comparison", "term")
    ]
    assert [set(options) for options in made] == [{"Falcon", "Claude"}, {"Falcon"}]
