"""Lessons over a small bank: what is asked, hinted, graded and cited, step by step."""

from collections.abc import Sequence
from typing import Any

import pytest

from loresmith.models.prompts import REFUSAL
from loresmith.quiz.bank import Bank
from loresmith.records import Passage, Question
from loresmith.tutor.lesson import step
from loresmith.tutor.state import MODES, Manner, Move, State
from loresmith.tutor.tutor import MOST_TURNS, Tutor

FACTS = {"relief": "4 bar", "check": "6 bar", "drain": "9 bar"}


def question_of(valve: str, pressure: str, **changes: Any) -> Question:
    return Question.model_validate(
        {
            "id": valve, "fact": valve, "document": "d", "source": "valves.md", "page": 3, "chunk": "c",
            "quote": f"The {valve} valve opens at {pressure}.", "kind": "number", "form": "choice", "wording": 0,
            "question": f"Choose the right answer. When does the {valve} valve open?", "answer": pressure,
            "options": ("1 bar", pressure, "70 bar", "80 bar"), **changes,
        }
    )  # fmt: skip


TEXT = " ".join(f"The {valve} valve opens at {pressure}." for valve, pressure in FACTS.items())
PASSAGE = Passage(
    chunk="c", document="d", source="valves.md", title="Valves", page=3, text=TEXT, score=1.0, cosine=0.9, bm25=1.0
)


def found(query: str, k: int) -> Sequence[Passage]:
    """Everything about valves is in the one passage; nothing else is anywhere."""
    return [PASSAGE] if "valve" in query.lower() else [PASSAGE.model_copy(update={"cosine": 0.1, "bm25": None})]


@pytest.fixture
def tutor() -> Tutor:
    questions = [question_of(valve, pressure) for valve, pressure in FACTS.items()]
    return Tutor(Bank(questions, {"c": TEXT}, {"c": ("Plant", "Safety")}), found)


def lesson(tutor: Tutor, *said: str, manner: Manner | None = None) -> tuple[State, Move]:
    return tutor.taken_up(said, manner or Manner())


def test_explaining_comes_first_and_a_question_about_the_same_behind_it(tutor: Tutor) -> None:
    state, move = lesson(tutor, "What does the check valve do?")
    assert move.explain == "What does the check valve do?"
    assert state.pending is not None and state.pending.fact == "check"
    assert "B. 6 bar" in move.text


def test_socratic_asks_and_explains_nothing_before(tutor: Tutor) -> None:
    _, move = lesson(tutor, "What does the check valve do?", manner=Manner("socratic"))
    assert move.explain is None and move.question is not None and "6 bar" in move.question.options


def test_hints_come_before_the_answer_and_none_of_them_holds_it(tutor: Tutor) -> None:
    topic = "the relief valve?"
    _, first = lesson(tutor, topic, "hint")
    _, second = lesson(tutor, topic, "hint", "I don't know")
    _, third = lesson(tutor, topic, "hint", "I don't know", "another hint")
    assert "under “Safety” in valves.md, page 3" in first.text and "4 bar" not in first.text
    assert "The relief valve opens at ____." in second.text and "4 bar" not in second.text
    assert "The answer is: 4 bar." in third.text
    assert [one.quote for one in third.citations] == ["The relief valve opens at 4 bar."]


def test_a_wrong_answer_gets_a_hint_and_a_second_try(tutor: Tutor) -> None:
    state, move = lesson(tutor, "the relief valve?", "70 bar")
    assert move.correct is False and "4 bar" not in move.text and state.pending is not None
    after, praise = lesson(tutor, "the relief valve?", "70 bar", "b")
    assert praise.correct is True and (after.right, after.graded, after.pending) == (1, 1, None)


@pytest.mark.parametrize("said", ["B", "b)", "4 bar", "It opens at 400 kPa."])
def test_letters_words_and_other_units_are_right(tutor: Tutor, said: str) -> None:
    assert lesson(tutor, "the relief valve?", said)[1].correct is True


def test_the_advanced_see_no_options_and_no_frame(tutor: Tutor) -> None:
    _, move = lesson(tutor, "the relief valve?", manner=Manner("quiz-me", "advanced"))
    assert move.text == "When does the relief valve open?"


def test_a_statement_to_judge_shows_its_two_options_to_everybody() -> None:
    truth = question_of(
        "relief", "4 bar", kind="truth", answer="True", options=("True", "False"), question="True or false?"
    )
    tutor = Tutor(Bank([truth], {"c": TEXT}), found)
    assert "A. True" in lesson(tutor, "valves", manner=Manner("quiz-me", "advanced"))[1].text


def test_a_quiz_goes_on_by_itself_and_asks_nothing_twice(tutor: Tutor) -> None:
    manner = Manner("quiz-me")
    state, move = lesson(tutor, "quiz me on valves", "B", "B", "B", manner=manner)
    assert (state.right, state.graded, len(set(state.asked))) == (3, 3, 3)
    assert state.pending is None and "3 of 3 right" in move.text
    assert move.citations and "[1]" in move.text


@pytest.mark.parametrize("mode", MODES)
def test_where_the_sources_do_not_say_that_is_said_and_nothing_is_asked(tutor: Tutor, mode: Any) -> None:
    state, move = lesson(tutor, "Who won the match?", manner=Manner(mode))
    assert move.text.startswith(REFUSAL) and move.explain is None and state.pending is None


def test_another_question_instead_of_an_answer_is_a_new_topic(tutor: Tutor) -> None:
    state, move = lesson(tutor, "the relief valve?", "What about the drain valve?")
    assert move.explain is not None and state.pending is not None and state.pending.fact == "drain"
    assert state.graded == 0


def test_a_sentence_that_was_shown_with_its_answer_is_not_asked_about(tutor: Tutor) -> None:
    twin = question_of("relief", "4 bar", fact="twin", id="twin", question="What opens at 4 bar?")
    other = Tutor(Bank([question_of("relief", "4 bar"), twin], {"c": TEXT}), found)
    _, move = lesson(other, "the relief valve?", "answer", "next")
    assert move.question is None and "no verified question" in move.text


def test_a_lesson_is_the_same_taken_up_or_gone_on_with(tutor: Tutor) -> None:
    said = ("the relief valve?", "70 bar", "hint", "B", "next", "skip", "next")
    state, moves = State(), []
    for words in said:
        state, move = step(state, words, Manner(), tutor)
        moves.append(move)
    assert tutor.taken_up(said, Manner()) == (state, moves[-1])


def test_of_a_long_conversation_the_beginning_is_forgotten(tutor: Tutor) -> None:
    state, _ = lesson(tutor, "the relief valve?", *["B"] * MOST_TURNS)
    assert state.right <= 1
    with pytest.raises(ValueError, match="said nothing"):
        tutor.taken_up([], Manner())


def test_a_quiz_gives_one_hint_before_the_answer(tutor: Tutor) -> None:
    manner = Manner("quiz-me")
    state, move = lesson(tutor, "quiz me on relief valves", "70 bar", manner=manner)
    assert "A hint" in move.text and "4 bar" not in move.text and state.graded == 0
    state, move = lesson(tutor, "quiz me on relief valves", "70 bar", "80 bar", manner=manner)
    assert "The answer is: 4 bar." in move.text and (state.right, state.graded) == (0, 1)


def test_another_wording_of_a_fact_is_not_asked_after_it() -> None:
    again = question_of("relief", "4 bar", id="again", quote="At 4 bar the relief valve opens.", question="When, then?")
    tutor = Tutor(Bank([question_of("relief", "4 bar"), again], {"c": TEXT}), found)
    assert lesson(tutor, "the relief valve?", "answer", "next")[1].question is None
