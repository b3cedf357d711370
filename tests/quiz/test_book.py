from datetime import UTC, datetime, timedelta
from pathlib import Path

from loresmith.quiz.bank import Bank
from loresmith.quiz.book import Book, weak_sources
from loresmith.quiz.repetition import WAITS, due, standings
from loresmith.quiz.session import Reply
from loresmith.records import Question

START = datetime(2026, 11, 1, tzinfo=UTC)


def kept(book: Book, question: Question, days: float, *, correct: bool) -> None:
    given = question.answer if correct else "901"
    book.add("quiz", Reply(question=question, given=given, correct=correct), START + timedelta(days=days))


def test_a_reply_that_was_kept_is_read_again(tmp_path: Path, bank: Bank) -> None:
    book = Book(tmp_path)
    kept(book, bank.questions[0], 0, correct=True)
    (entry,) = Book(tmp_path).entries()
    assert (entry.question, entry.correct, entry.at) == (bank.questions[0].id, True, "2026-11-01T00:00:00+00:00")


def test_a_broken_last_line_is_passed_over_and_spoils_no_later_one(tmp_path: Path, bank: Bank) -> None:
    book = Book(tmp_path)
    kept(book, bank.questions[0], 0, correct=True)
    with book.path.open("ab") as file:
        file.write(b'{"quiz": "cut o')
    kept(book, bank.questions[1], 1, correct=False)
    assert [entry.correct for entry in book.entries()] == [True, False]


def test_a_project_without_replies_has_no_weak_topic_and_nothing_due(tmp_path: Path) -> None:
    entries = Book(tmp_path).entries()
    assert entries == [] == weak_sources(entries) == due(entries, START)


def test_a_document_is_weak_by_the_last_reply_to_each_fact(tmp_path: Path, bank: Bank) -> None:
    book = Book(tmp_path)
    first = next(one for one in bank.questions if one.source == "a.md")
    other = next(one for one in bank.questions if one.source == "b.pdf")
    kept(book, first, 0, correct=False)
    kept(book, other, 0, correct=False)
    kept(book, first, 1, correct=True)
    assert weak_sources(book.entries()) == ["b.pdf"]


def test_right_answers_on_their_day_wait_longer_each_time_and_a_wrong_one_begins_anew(
    tmp_path: Path, bank: Bank
) -> None:
    book, one = Book(tmp_path), bank.questions[0]
    day = 0.0
    for box in range(1, len(WAITS)):
        kept(book, one, day, correct=True)
        standing = standings(book.entries())[one.fact]
        assert standing.box == box and standing.due == START + timedelta(days=day) + WAITS[box]
        assert due(book.entries(), standing.due - timedelta(seconds=1)) == []
        assert due(book.entries(), standing.due) == [one.fact]
        day = (standing.due - START) / timedelta(days=1)
    kept(book, one, day, correct=False)
    assert due(book.entries(), START + timedelta(days=day)) == [one.fact]


def test_a_right_answer_before_its_day_moves_nothing(tmp_path: Path, bank: Bank) -> None:
    book, one = Book(tmp_path), bank.questions[0]
    kept(book, one, 0, correct=True)
    before = standings(book.entries())
    kept(book, one, 0.5, correct=True)
    assert standings(book.entries()) == before


def test_what_waits_longest_is_asked_first(tmp_path: Path, bank: Bank) -> None:
    book = Book(tmp_path)
    facts = sorted({one.fact: one for one in bank.questions}.values(), key=lambda one: one.fact)[:3]
    for days, one in zip((2, 0, 1), facts, strict=True):
        kept(book, one, days, correct=False)
    assert due(book.entries(), START + timedelta(days=9)) == [facts[1].fact, facts[2].fact, facts[0].fact]
