import json
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.generate.scripted import ScriptedTeacher
from loresmith.generate.teachers import hired
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk

ROW = {
    "quote": "The valve opens at 4 bar.",
    "answer": "4 bar",
    "questions": ["At what pressure does the valve open?", "Name the pressure at which the valve opens.", "One more?"],
    "options": ["3 bar", "5 bar"],
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n\n" + json.dumps(ROW | {"source": "other.md"}) + "\n", encoding="utf-8")
    return path


def test_rows_are_replayed_where_their_quote_stands(rows: Path, chunk_of: Callable[..., Chunk]) -> None:
    teacher = ScriptedTeacher(GenerateConfig(wordings=2), str(rows))
    chunk = chunk_of("Words. The valve opens at 4 bar.")
    (fact,) = teacher.facts(chunk)
    questions = list(teacher.questions(fact, chunk, []))
    assert [question.question for question in questions[:2]] == ROW["questions"][:2]
    assert questions[2].form == "choice"
    assert {"3 bar", "4 bar", "5 bar"} <= set(questions[2].options)
    assert list(teacher.facts(chunk_of("Other words."))) == []


def test_the_teacher_is_hired_by_name_and_argument(rows: Path) -> None:
    assert hired(GenerateConfig(teacher=f"scripted:{rows}")).name == "scripted"
    assert hired(GenerateConfig()).name == "rules"


@pytest.mark.parametrize("teacher", ["scripted", "scripted:/no/such/file", "nobody"])
def test_a_teacher_that_cannot_work_is_refused(teacher: str) -> None:
    with pytest.raises(UserError):
        hired(GenerateConfig(teacher=teacher))


@pytest.mark.parametrize(
    "line", ["{", '{"quote": "a"}', "[1]", '{"quote": "a", "answer": "b", "questions": [], "more": 1}']
)
def test_a_bad_row_names_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + line, encoding="utf-8")
    with pytest.raises(UserError, match="line 2"):
        ScriptedTeacher(GenerateConfig(), str(path))


def test_the_rule_teacher_asks_in_no_other_language() -> None:
    assert hired(GenerateConfig(language="en")).name == "rules"
    with pytest.raises(UserError, match=r"rules asks in English, and `generate\.language` is de"):
        hired(GenerateConfig(language="de"))
