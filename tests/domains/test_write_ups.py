from pathlib import Path

import pytest

from loresmith.domains.write_ups import LONGEST_CHARACTERS, documents, section_questions
from loresmith.errors import UserError
from tests.domains.conftest import questions, reasons

WRITE_UP = """# Baby Heap

## Challenge

A menu with `malloc` and `free`.

## Solution

Free it twice.

```python
# Is this a heading?
free(a)
```

### Why?

Words.

## What is a double free?

Freeing one block twice.
"""


def folder(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = tmp_path / "notes" / "pwn" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "notes"


def test_a_challenge_and_its_solution_are_a_question_and_its_answer(tmp_path: Path) -> None:
    first, second = questions(section_questions(folder(tmp_path, heap=WRITE_UP)))
    assert first.question == "How is the challenge “Baby Heap” solved?\n\nA menu with `malloc` and `free`."
    assert first.answer.startswith("Free it twice.")
    assert "free(a)" in first.answer
    assert (second.question, second.answer) == ("What is a double free?", "Freeing one block twice.")
    assert first.topic == "pwn"


def test_a_document_that_asks_nothing_is_dropped_from_the_rows_not_made_into_questions(tmp_path: Path) -> None:
    plain = folder(tmp_path, notes="# Notes\n\n## Solution\n\nNo challenge above.\n\n## Setup\n\nInstall it.\n")
    assert questions(section_questions(plain)) == []
    assert reasons(section_questions(plain)) == ["a document in which no section asks or is a challenge"]


def test_a_solution_belongs_to_the_challenge_of_its_own_title(tmp_path: Path) -> None:
    two = "# One\n\n## Challenge\n\nFirst.\n\n# Two\n\n## Solution\n\nSecond.\n"
    assert questions(section_questions(folder(tmp_path, two=two))) == []


def test_a_section_that_fits_no_window_is_dropped(tmp_path: Path) -> None:
    long = f"# A\n\n## What is in a window?\n\n{'word ' * LONGEST_CHARACTERS}\n"
    assert reasons(section_questions(folder(tmp_path, long=long))) == ["a section of more than 6000 characters"]


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    inside = folder(tmp_path, heap=WRITE_UP)
    secret = tmp_path / "secret.md"
    secret.write_text("# Private")
    (inside / "link.md").symlink_to(secret)
    assert [path.name for path in documents(inside)] == ["heap.md"]


def test_a_folder_without_markdown_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no Markdown documents"):
        list(section_questions(tmp_path))
