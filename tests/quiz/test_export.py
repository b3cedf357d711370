import csv
import io
import re

import pytest

from loresmith.quiz.bank import Bank
from loresmith.quiz.export import exported
from loresmith.records import Question


@pytest.fixture
def nasty(bank: Bank) -> Question:
    return bank.questions[0].model_copy(
        update={
            "question": "What\tis {=2~3}: <b>x</b>?",
            "answer": "=SUM(A1)",
            "options": ("=SUM(A1)", "-5", "a\nb", "50%"),
            "quote": "It is =SUM(A1)\nby {law}.",
        }
    )


def test_a_csv_is_read_back_and_no_cell_is_a_formula(nasty: Question, bank: Bank) -> None:
    rows = list(csv.DictReader(io.StringIO(exported([nasty, bank.questions[1]], "csv"))))
    assert [row["id"] for row in rows] == [nasty.id, bank.questions[1].id]
    assert rows[0]["option_A"] == rows[0]["answer"] == "'=SUM(A1)"
    assert rows[0]["option_B"] == "-5"  # a number stays one
    assert rows[1]["page"] == str(bank.questions[1].page)


def test_an_anki_note_is_one_line_of_three_fields_with_its_html_escaped(nasty: Question) -> None:
    *head, note = exported([nasty], "anki").splitlines()
    assert head == ["#separator:tab", "#html:true", "#notetype:Basic", "#tags column:3"]
    front, back, tag = note.split("\t")
    assert "&lt;b&gt;x&lt;/b&gt;" in front and "<br>D. 50%" in front
    assert back.startswith("=SUM(A1)<br><i>It is =SUM(A1) by {law}.</i><br>")
    assert " " not in tag


def test_a_gift_question_has_one_right_option_and_its_signs_are_backslashed(nasty: Question) -> None:
    text = exported([nasty], "gift")
    lines = text.strip().splitlines()
    assert [line for line in lines if line.startswith("  =")] == [r"  =\=SUM(A1)"]
    assert sum(line.startswith("  ~") for line in lines) == 3
    assert r"What is \{\=2\~3\}\: <b>x</b>?" in lines[0]
    bare = re.sub(r"\\.", "", text)
    assert bare.count("{") == bare.count("}") == 1 and bare.count("####") == 1


def test_every_question_is_in_every_export(bank: Bank) -> None:
    for shape, sign in (("csv", ","), ("anki", "\t"), ("gift", "::[plain]")):
        lines = exported(bank.questions, shape).splitlines()  # type: ignore[arg-type]
        assert sum(sign in line and not line.startswith(("#", "id,")) for line in lines) == len(bank.questions)
