import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loresmith.cli.quiz import command
from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.pipeline import Project
from tests.serve.shelf import build_project

Quiz = Callable[..., Result]
SEED = "5"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("quiz"))


@pytest.fixture
def quiz(project: Project) -> Quiz:
    def invoke(*words: str, said: str = "") -> Result:
        return CliRunner().invoke(command, [str(project.path), *words], input=said)

    return invoke


@pytest.fixture
def exported(quiz: Quiz) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = json.loads(quiz("--seed", SEED, "--json").stdout)["questions"]
    return questions


def letters(questions: list[dict[str, Any]], wrong: int = 0) -> list[str]:
    """The right letters, the first `wrong` of them made wrong."""
    right = [entry["options"].index(entry["answer"]) for entry in questions]
    return [
        LETTERS[(place + 1) % len(entry["options"]) if number < wrong else place]
        for number, (place, entry) in enumerate(zip(right, questions, strict=True))
    ]


def test_ten_right_answers_score_ten_of_ten(quiz: Quiz, exported: list[dict[str, Any]]) -> None:
    done = quiz("--seed", SEED, said="\n".join(letters(exported)) + "\n")
    assert done.exit_code == 0
    assert "10 of 10 right." in done.stdout
    assert done.stdout.count("Right.") == 10


def test_a_wrong_answer_shows_the_right_one_with_quote_and_source(quiz: Quiz, exported: list[dict[str, Any]]) -> None:
    shown = quiz("--seed", SEED, said="\n".join(letters(exported, wrong=1)).lower() + "\n").stdout
    first = exported[0]
    assert f"Not quite: {first['answer']}." in shown
    assert " ".join(first["quote"].split()) in shown
    assert first["source"] in shown
    assert "9 of 10 right." in shown


def test_a_letter_that_is_no_option_is_asked_again(quiz: Quiz, exported: list[dict[str, Any]]) -> None:
    done = quiz("--seed", SEED, "-n", "1", said=f"Z\n\n{letters(exported)[0]}\n")
    assert "Answer with one of A, B, C, D" in done.stderr
    assert "1 of 1 right." in done.stdout


@pytest.mark.parametrize("end", ["q\n", ""])
def test_leaving_early_scores_what_was_answered(quiz: Quiz, exported: list[dict[str, Any]], end: str) -> None:
    shown = quiz("--seed", SEED, said=f"{letters(exported)[0]}\n{end}").stdout
    assert "1 of 1 right (9 left out)." in shown


def test_a_quiz_without_an_answer_is_no_success(quiz: Quiz) -> None:
    fault = quiz().exception
    assert isinstance(fault, UserError)
    assert fault.problem == "No question was answered."


def test_a_seed_repeats_the_questions_and_their_order_of_options(quiz: Quiz, exported: list[dict[str, Any]]) -> None:
    assert json.loads(quiz("--seed", SEED, "--json").stdout)["questions"] == exported
    assert json.loads(quiz("--seed", "6", "--json").stdout)["questions"] != exported


def test_about_keeps_to_one_document(quiz: Quiz) -> None:
    only = json.loads(quiz("--about", "boilers.md", "-n", "4", "--json").stdout)["questions"]
    assert [entry["source"] for entry in only] == ["boilers.md"] * 4


def test_an_unknown_document_is_refused_with_those_that_exist(quiz: Quiz) -> None:
    fault = quiz("--about", "cellar.md").exception
    assert isinstance(fault, UserError)
    assert "boilers.md, pumps.md" in fault.next_step


def test_asking_for_more_than_there_is_says_how_many_there_are(quiz: Quiz) -> None:
    assert "The documents give" in quiz("-n", "5000", said="A\n").stderr


def test_answers_are_kept_and_the_weak_documents_asked_again(
    quiz: Quiz, exported: list[dict[str, Any]], project: Project
) -> None:
    shutil.rmtree(project.path / "quiz", ignore_errors=True)  # what other tests answered
    wrong = letters(exported, wrong=len(exported))
    done = quiz("--seed", SEED, said="\n".join(wrong) + "\n")
    assert "Worth another look" in done.stdout and f"  ✗ {exported[0]['question']}" in done.stdout
    again = json.loads(quiz("--due", "--seed", "1", "-n", "99", "--json").stdout)["questions"]
    assert {one["fact"] for one in again} == {one["fact"] for one in exported}
    weak = json.loads(quiz("--weak", "--seed", "1", "--json").stdout)["questions"]
    assert {one["source"] for one in weak} == {one["source"] for one in exported}


def test_what_is_forgotten_is_not_kept(quiz: Quiz, exported: list[dict[str, Any]], project: Project) -> None:
    book = project.path / "quiz" / "replies.jsonl"
    before = book.read_bytes() if book.exists() else b""
    quiz("--seed", SEED, "--forget", said="\n".join(letters(exported)) + "\n")
    assert (book.read_bytes() if book.exists() else b"") == before


def test_a_section_is_chosen_by_its_heading(quiz: Quiz) -> None:
    rows = json.loads(quiz("--section", "Valves", "--json").stdout)["questions"]
    assert rows and {row["source"] for row in rows} == {"pumps.md"}
    assert isinstance(quiz("--section", "Nowhere").exception, UserError)


def test_questions_are_printed_for_moodle(quiz: Quiz, exported: list[dict[str, Any]]) -> None:
    assert quiz("--seed", SEED, "--export", "gift").stdout.count("::[plain]") == len(exported)


def test_without_a_model_nothing_can_be_written(quiz: Quiz) -> None:
    wrong = quiz("--write", "--with", "none").exception
    assert isinstance(wrong, UserError) and "No model" in wrong.problem
