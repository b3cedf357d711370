from pathlib import Path

import pytest

from loresmith.domains.question import DomainQuestion
from loresmith.domains.timeline_questions import timeline_questions
from tests.domains.conftest import questions

STEAM = """# Steam
1804: A locomotive pulls a train
1769: Watt patents the condenser
1712: Newcomen builds an engine
1829: The Rocket wins at Rainhill
1829: A second thing happens
14 May 1830: A line opens
1830: A year of lines
1860–1869: A long decade
"""


@pytest.fixture
def asked(tmp_path: Path) -> list[DomainQuestion]:
    path = tmp_path / "steam.md"
    path.write_text(STEAM, encoding="utf-8")
    return questions(timeline_questions(path))


def test_an_event_is_asked_both_ways(asked: list[DomainQuestion]) -> None:
    when = next(one for one in asked if one.question == "When was this: Watt patents the condenser?")
    what = next(one for one in asked if one.question == "What happened in 1769 (Steam)?")
    assert (when.answer, what.answer) == ("1769", "Watt patents the condenser")
    assert when.evidence.splitlines()[:2] == ["1712: Newcomen builds an engine", "1769: Watt patents the condenser"]


def test_wrong_options_are_the_neighbouring_dates(asked: list[DomainQuestion]) -> None:
    when = next(one for one in asked if one.question == "When was this: Watt patents the condenser?")
    assert set(when.options) == {"1769", "1712", "1804", "1829"}


def test_nothing_is_asked_where_two_answers_would_be_right(asked: list[DomainQuestion]) -> None:
    said = [one.question for one in asked if one.question.startswith("What happened")]
    assert said == [
        "What happened in 1712 (Steam)?",
        "What happened in 1769 (Steam)?",
        "What happened in 1804 (Steam)?",
    ]


def test_the_first_of_several_events_is_the_right_answer_to_a_question_of_order(asked: list[DomainQuestion]) -> None:
    years = {event: date for date, event in (line.split(": ") for line in STEAM.splitlines()[1:])}
    orders = [one for one in asked if one.question == "Which of these happened first?"]
    assert len(orders) >= 4
    for one in orders:
        assert one.needs == "options"
        others = [years[option] for option in one.options if option != one.answer]
        assert all(years[one.answer][-4:] < other[-4:] for other in others)
        assert all(option in one.evidence for option in one.options)
