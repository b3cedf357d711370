"""Practice on a real small project: its own questions, its own split, and an exam that went wrong."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.cli.failures import command
from loresmith.contamination.screening import contaminated_dialogues
from loresmith.errors import UserError
from loresmith.exchange import reading
from loresmith.failures.failed import Failure, read_failures
from loresmith.likeness import normalised
from loresmith.pipeline import Project
from loresmith.practice.project import trained_in, write_practice
from loresmith.practice.rows import AN_EXAM, CLASHES, HELD_OUT, NO_ANSWER, NOT_TRAINED, Practice, Trained, practice
from loresmith.recipe import AskConfig, DecontaminateConfig, EvaluateConfig, ModelConfig
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import UNANSWERABLE, Grade, Question
from loresmith.train.pools import exam_index
from tests.review.workshop import build_workshop, made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A workshop whose recall exam went wrong in every question."""
    project = build_workshop(tmp_path_factory.mktemp("practice"))
    made(project, until="split")
    split = artifact.read(project.path / "split", made_by="split")
    settings = EvaluateSettings(model=ModelConfig(), evaluate=EvaluateConfig(), ask=AskConfig())
    with artifact.create(project.path / "exam", Plan("evaluate", settings, {"split": split})) as draft:
        for exam in ("recall", UNANSWERABLE):
            for row in split.rows(Question, f"{exam}.jsonl"):
                draft.keep(graded(row, exam))
    return project


def graded(row: Question, exam: str) -> Grade:
    known = {"question": row.id, "fact": row.fact, "document": row.document, "form": row.form, "arm": "lora"}
    return Grade.model_validate(known | {"exam": exam, "given": "7", "correct": False, "token_f1": 0.0})


@pytest.fixture(scope="module")
def trained(project: Project) -> tuple[Trained, dict[str, Path]]:
    return trained_in(project.path, project.recipe)


def failure(row: Question, exam: str = "recall") -> Failure:
    kept = {name: getattr(row, name) for name in ("fact", "document", "source", "page", "kind", "form", "answer")}
    beside = {"question": row.id, "asked": row.question, "exam": exam, "arm": "lora", "section": "", "given": "7"}
    return Failure.model_validate(kept | beside | {"reason": "answered wrong"})


def all_failed(trained: tuple[Trained, dict[str, Path]]) -> Practice:
    return practice(map(failure, trained[0].exams["recall"]), *trained)


def test_failed_facts_are_practised_in_trained_and_in_new_wordings(trained: tuple[Trained, dict[str, Path]]) -> None:
    found = all_failed(trained)
    known = {normalised(row.question) for row in trained[0].train}
    fresh = [row for row in found.rows if normalised(row.question) not in known]
    assert found.facts > 3
    assert found.new == len(fresh) > 0
    assert len(found.rows) > found.new
    assert {row.fact for row in found.rows} <= {row.fact for row in trained[0].exams["recall"]}


def test_no_row_is_what_an_exam_asks_though_the_teacher_would_word_it_so(
    trained: tuple[Trained, dict[str, Path]],
) -> None:
    held_back = {normalised(row.question) for name in trained[0].exams for row in trained[0].exams[name]}
    found = all_failed(trained)
    assert not held_back & {normalised(row.question) for row in found.rows}
    assert found.refused_rows.total() > 0  # the wording that was held back is among those that the teacher proposes


def test_a_trained_row_that_an_exam_asks_as_well_is_refused(trained: tuple[Trained, dict[str, Path]]) -> None:
    rows, files = trained
    asked = rows.exams["recall"][0]
    leaking = replace(rows, train=[*rows.train, asked.model_copy(update={"id": "leak"})])
    found = practice([failure(asked)], leaking, files)
    assert "leak" not in {row.id for row in found.rows}
    assert found.refused_rows[AN_EXAM] >= 1


def test_a_question_too_short_for_the_check_of_benchmarks_is_held_back_too(
    trained: tuple[Trained, dict[str, Path]],
) -> None:
    rows, files = trained
    asked = rows.exams["recall"][0].model_copy(update={"question": "Vice, mass?", "form": "short", "options": ()})
    exams = {**rows.exams, "recall": [asked, *rows.exams["recall"][1:]]}
    leaking = replace(rows, exams=exams, train=[*rows.train, asked.model_copy(update={"id": "leak"})])
    assert "leak" not in {row.id for row in practice([failure(asked)], leaking, files).rows}


def test_a_new_wording_that_asks_for_another_fact_as_well_is_refused(
    trained: tuple[Trained, dict[str, Path]],
) -> None:
    rows, files = trained
    known = {normalised(row.question) for row in rows.train}
    fresh = [row for row in all_failed(trained).rows if normalised(row.question) not in known]
    taken = next(row for row in fresh if " the " in row.question)
    other = next(row for row in rows.train if row.fact != taken.fact and row.form == "short")
    other = other.model_copy(update={"id": "other", "question": taken.question.replace(" the ", " ", 1)})
    found = practice(map(failure, rows.exams["recall"]), replace(rows, train=[*rows.train, other]), files)
    assert taken.id not in {row.id for row in found.rows}
    assert found.refused_rows[CLASHES] > all_failed(trained).refused_rows[CLASHES]


def test_facts_of_held_out_documents_are_never_practised(trained: tuple[Trained, dict[str, Path]]) -> None:
    rows, files = trained
    first, second = rows.exams["recall"][0], rows.exams["recall"][-1]
    found = practice([failure(first, "transfer"), failure(second, UNANSWERABLE)], rows, files)
    assert found.rows == []
    assert found.refused == {HELD_OUT: 1, NO_ANSWER: 1}
    held_out = replace(rows, exams={**rows.exams, "transfer": [first]})
    assert practice([failure(first)], held_out, files).refused[HELD_OUT] == 1  # whatever its failure says


def test_a_fact_that_nothing_trains_is_left_alone(trained: tuple[Trained, dict[str, Path]]) -> None:
    rows, files = trained
    assert practice([failure(rows.exams["recall"][0])], replace(rows, train=[]), files).refused == {NOT_TRAINED: 1}


def test_training_takes_the_file_as_it_is(trained: tuple[Trained, dict[str, Path]], tmp_path: Path) -> None:
    found = all_failed(trained)
    write_practice(tmp_path / "practice.jsonl", found)
    dialogues = reading.read(tmp_path / "practice.jsonl", None).dialogues
    assert [(one.turns[0].text, one.turns[-1].text) for one in dialogues if "\n" not in one.turns[0].text] == [
        (row.question, row.answer) for row in found.rows if row.form == "short"
    ]
    assert {one.system for one in dialogues} == {"Answer briefly and exactly."}
    index = exam_index(trained[1], DecontaminateConfig())  # as `loresmith train --mix` holds it against the exams
    assert index is not None
    assert list(contaminated_dialogues(dialogues, index)) == [None] * len(dialogues)


def test_nothing_to_practise_says_why_and_writes_nothing(tmp_path: Path) -> None:
    made = Practice()
    made.refused[HELD_OUT] = 3
    with pytest.raises(UserError, match="3: held out for the transfer exam"):
        write_practice(tmp_path / "practice.jsonl", made)
    assert list(tmp_path.iterdir()) == []


def test_the_verb_marks_for_review_and_writes_practice(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "practice.jsonl"
    done = CliRunner().invoke(command, [str(project.path), "--review", "--practice", str(file), "--json"])
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["arm"] == "lora"
    assert len(shown["failures"]) == sum(exam["wrong"] for exam in shown["exams"]) > 10
    assert shown["practice"]["rows"] == len(file.read_text(encoding="utf-8").splitlines())
    assert len(read_failures(project.path / "failures.jsonl")) == len(shown["failures"])
    words = CliRunner().invoke(command, [str(project.path), "--practice", str(file)]).stdout
    assert "it flatters the next model on them" in words
    assert words.endswith(f"Next: loresmith train {project.path} --mix {file}=0.25\n")
