import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import UserError
from loresmith.generate.checks import fact_fault
from loresmith.generate.claims import Claim, fact_of
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


LONG: dict[str, Any] = {
    "quote": "The valve opens at 4 bar, so that the boiler behind it never bears more than its walls can hold.",
    "answer": "The valve protects the boiler: at 4 bar it opens, before the pressure is more than the walls can bear.",
    "questions": ["What is the valve for, and how does it do it?", "Explain the task of the valve."],
}


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({}, "long"),
        ({"answer": "It protects the boiler.", "form": "long"}, "long"),
        ({"form": "short"}, "short"),
        ({"answer": "the boiler behind it"}, "short"),
    ],
)
def test_a_sentence_is_a_long_answer_and_so_is_what_the_row_calls_one(
    tmp_path: Path, chunk_of: Callable[..., Chunk], changes: dict[str, str], form: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(LONG | {"options": ["no", "none"]} | changes), encoding="utf-8")
    teacher = ScriptedTeacher(GenerateConfig(), str(path))
    chunk = chunk_of(LONG["quote"])
    (fact,) = teacher.facts(chunk)
    assert fact.form == form
    forms = [question.form for question in teacher.questions(fact, chunk, [])]
    assert forms == ([form] * 2 if form == "long" else ["short", "short", "choice"])
    is_sound = fact_fault(fact) is None
    assert is_sound == (changes != {"form": "short"})


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("It opens at 5 bar, before the pressure is more than the walls of the boiler can bear.", "number of the"),
        ("It opens at 4 psi, before the pressure is more than the walls of the boiler can bear.", "unit of the"),
        ("word " * 201, "too long"),
        (" ", "empty"),
    ],
)
def test_a_long_answer_may_use_other_words_and_no_other_numbers(
    chunk_of: Callable[..., Chunk], answer: str, fault: str
) -> None:
    chunk = chunk_of(LONG["quote"])
    sound = fact_of(Claim("scripted", LONG["quote"], "", LONG["answer"], (), is_long=True), chunk)
    assert fact_fault(sound) is None
    assert fault in str(fact_fault(sound.model_copy(update={"answer": answer})))
