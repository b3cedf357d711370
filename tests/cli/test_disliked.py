from pathlib import Path

from loresmith.cli.disliked import MOST_SHOWN, disliked, lines_of
from loresmith.serve.feedback import FeedbackBook, Remark, Value


def say(place: Path, answer: str, value: Value, at: str, correction: str | None = None) -> None:
    text = f"It opens at 5 bar \x1b[31m{'x' * 300}"
    FeedbackBook(place).add(
        Remark(answer=answer, value=value, correction=correction, question=f"Why {answer}?", text=text, at=at)
    )


def test_the_last_word_counts_and_the_latest_comes_first(tmp_path: Path) -> None:
    say(tmp_path, "a", "down", "2026-01-01T10:00")
    say(tmp_path, "b", "down", "2026-01-02T10:00")
    say(tmp_path, "c", "down", "2026-01-03T10:00", correction="4 bar")
    say(tmp_path, "a", "up", "2026-01-04T10:00")
    assert [remark.answer for remark in disliked(tmp_path)] == ["c", "b"]


def test_a_thumb_down_is_shown_with_answer_and_correction_and_commands_no_terminal(tmp_path: Path) -> None:
    assert list(lines_of(disliked(tmp_path))) == []
    say(tmp_path, "c", "down", "2026-01-03T10:00", correction="4 bar")
    lines = list(lines_of(disliked(tmp_path)))
    assert lines[:2] == ["1 answer got a thumb down:", "  Why c?"]
    assert "    right would be: 4 bar" in lines
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) < 200


def test_of_many_only_the_latest_are_shown(tmp_path: Path) -> None:
    for number in range(MOST_SHOWN + 2):
        say(tmp_path, str(number), "down", f"2026-01-0{number + 1}T10:00")
    assert "  and 2 more, all in --json" in list(lines_of(disliked(tmp_path)))
