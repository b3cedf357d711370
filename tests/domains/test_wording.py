from typing import Any

import pytest

from loresmith.domains.question import DomainQuestion
from loresmith.domains.wording import asked, dialogue
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.recipe import PrepareConfig


def question(**parts: Any) -> DomainQuestion:
    given = {
        "place": "", "question": "What pumps blood?", "answer": "the heart", "evidence": "The heart pumps blood.",
        "options": ("the heart", "a lung", "a kidney", "the skin"),
    }  # fmt: skip
    return DomainQuestion(**{**given, **parts})


def config(**parts: Any) -> PrepareConfig:
    return PrepareConfig(**{"form": "short", "open_book": 0.0, **parts})


def test_a_short_question_has_the_answer_and_a_choice_its_letter() -> None:
    short = asked(question(), "q1", config())
    assert (short.said, short.kind) == ("the heart", "name or phrase")
    choice = asked(question(), "q1", config(form="choice"))
    said = dialogue(choice, "q1", {}, bare=False)
    assert said.system == "Answer briefly and exactly."
    assert f"{choice.said}. the heart" in said.turns[0].text.splitlines()
    assert said.turns[1].text == choice.said
    assert choice.kind == "letter"


def test_mixed_gives_about_half_of_each_and_every_letter_is_right_as_often() -> None:
    rows = [asked(question(), f"q{number}", config(form="mixed")) for number in range(800)]
    letters = [row.said for row in rows if row.options]
    assert 340 < len(letters) < 460  # 3 standard deviations of 400 are 42
    assert all(60 < letters.count(letter) < 140 for letter in "ABCD")


def test_a_question_that_needs_its_options_shows_them_even_where_short_ones_are_asked_for() -> None:
    assert asked(question(needs="options"), "q1", config()).options
    assert not asked(question(options=()), "q1", config(form="choice")).options


@pytest.mark.parametrize("last", ["All of the above", "both a lung and the skin", "A and B", "None of these"])
def test_options_that_speak_of_the_others_keep_their_order(last: str) -> None:
    options = ("the heart", "a lung", "the skin", last)
    for number in range(8):
        assert asked(question(options=options), f"q{number}", config(form="choice")).options == options


def test_evidence_stands_above_a_share_of_the_questions_and_above_all_that_need_it() -> None:
    rows = [asked(question(), f"q{number}", config(open_book=0.25)) for number in range(800)]
    assert 160 < sum(row.has_sources for row in rows) < 240
    needy = asked(question(needs="evidence"), "q1", config())
    said = dialogue(needy, "q1", {}, bare=False).turns[0].text
    assert said == "Sources:\n[1] The heart pumps blood.\n\nQuestion: What pumps blood?"
    assert not asked(question(evidence=""), "q1", config(open_book=1.0)).has_sources


def test_a_conversation_stays_as_it_is_beside_its_columns() -> None:
    ready = Dialogue(id="x", system="Be kind.", turns=pair("Hello", "Hi"), aside={"tone": "warm"})
    put = asked(question(conversation=ready), "replay-1", config(form="choice", open_book=1.0))
    said = dialogue(put, "replay-1", {"source": "dolly"}, bare=False)
    assert (said.id, said.system, said.turns) == ("replay-1", "Be kind.", ready.turns)
    assert said.aside == {"tone": "warm", "source": "dolly"}


def test_bare_leaves_out_the_system_prompt() -> None:
    assert dialogue(asked(question(), "q1", config()), "q1", {}, bare=True).system == ""
