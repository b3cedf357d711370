from pathlib import Path

import pytest

from loresmith.domains.timeline import Entry, begins, entries
from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dropped


@pytest.mark.parametrize(
    ("line", "date", "event"),
    [
        ("1769: James Watt patents a condenser.", "1769", "James Watt patents a condenser"),
        ("- **1769**: A patent", "1769", "A patent"),
        ("- **1769:** A patent", "1769", "A patent"),
        ("* 44 BC – Caesar dies", "44 BC", "Caesar dies"),
        ("14 July 1789 - The Bastille falls", "14 July 1789", "The Bastille falls"),
        ("July 14, 1789: The Bastille falls", "July 14, 1789", "The Bastille falls"),
        ("1914–1918: The Great War", "1914–1918", "The Great War"),
        ("1. 1066: A battle", "1066", "A battle"),
        ("| 1066 | A battle |", "1066", "A battle"),
        ("2001-09-11: Attacks", "2001-09-11", "Attacks"),
    ],
)
def test_a_line_is_read_with_its_date(tmp_path: Path, line: str, date: str, event: str) -> None:
    path = tmp_path / "line.md"
    path.write_text(line, encoding="utf-8")
    (entry,) = entries(path)
    assert isinstance(entry, Entry)
    assert (entry.date, entry.event) == (date, event)


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("1789", (1789, 0, 0)),
        ("14 July 1789", (1789, 7, 14)),
        ("May 1968", (1968, 5, 0)),
        ("44 BC", (-44, 0, 0)),
        ("49–44 BC", (-49, 0, 0)),
        ("27 BC – 14 AD", (-27, 0, 0)),
        ("c. 500 BCE", (-500, 0, 0)),
        ("the 1840s", None),
        ("12 men", None),
    ],
)
def test_a_date_begins_where_it_says(said: str, start: tuple[int, int, int] | None) -> None:
    assert begins(said) == start


def test_a_heading_is_the_topic_and_a_line_without_a_date_is_dropped_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "steam.md"
    path.write_text("# Steam\n\n1769: A patent\nSome prose about it.\n", encoding="utf-8")
    entry, dropped = entries(path)
    assert isinstance(entry, Entry)
    assert entry.topic == "Steam"
    assert dropped == Dropped(place=f"{path}, line 4", reason="a line without a date at its beginning")


def test_a_table_needs_a_date_and_an_event(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("Year,Event,Topic\n1769,A patent,Steam\nlong ago,A myth,\n1804,,\n")
    entry, *dropped = entries(good)
    assert isinstance(entry, Entry)
    assert (entry.date, entry.topic) == ("1769", "Steam")
    assert [one.reason for one in dropped if isinstance(one, Dropped)] == [
        "no date that can be read",
        "a date without an event",
    ]
    bad.write_text("name,age\nx,1\n")
    with pytest.raises(UserError, match="the columns name, age"):
        list(entries(bad))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("1789", "14 July 1789", False), ("1789", "1790", True), ("May 1968", "3 May 1968", False)],
)
def test_two_dates_are_apart_when_they_differ_as_exactly_as_both_are_said(
    tmp_path: Path, left: str, right: str, expected: bool
) -> None:
    path = tmp_path / "two.txt"
    path.write_text(f"{left}: One thing\n{right}: Another\n", encoding="utf-8")
    first, second = entries(path)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.is_apart(second) is expected
