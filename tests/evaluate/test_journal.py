"""What a killed run leaves is either used whole or not at all."""

from pathlib import Path

import pytest

from loresmith.evaluate.journal import Journal, lines
from loresmith.records import Grade

IDS = ["q1", "q2"]


def grade(question: str) -> Grade:
    return Grade(
        question=question,
        fact="f",
        document="d",
        arm="base",
        exam="recall",
        form="short",
        given="4 bar\u2028",
        correct=True,
        token_f1=1.0,
    )


ROWS = [grade(name) for name in IDS]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_a_stored_part_comes_back_as_it_was(journal: Journal) -> None:
    journal.store("a", ROWS)
    assert journal.stored("a", Grade, IDS) == ROWS


def test_a_part_of_other_questions_is_not_taken(journal: Journal) -> None:
    journal.store("a", ROWS)
    assert journal.stored("a", Grade, ["q1", "q3"]) is None
    assert journal.stored("a", Grade, ["q1"]) is None
    assert journal.stored("b", Grade, IDS) is None


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"\xff\xfe", b"half a li"])
def test_a_damaged_part_is_asked_again(journal: Journal, tmp_path: Path, damage: bytes) -> None:
    journal.store("a", ROWS)
    (tmp_path / "parts" / "a.jsonl").write_bytes(damage)
    assert journal.stored("a", Grade, IDS) is None


def test_the_log_counts_only_when_the_results_are_there(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(lines(ROWS), encoding="utf-8")
    assert journal.finished(Grade) is None
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    assert journal.finished(Grade) == ROWS


def test_closing_leaves_no_part_behind(journal: Journal, tmp_path: Path) -> None:
    journal.store("a", ROWS)
    journal.close()
    assert list(tmp_path.iterdir()) == []
