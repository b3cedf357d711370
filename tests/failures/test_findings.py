from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loresmith.errors import ArtifactMissing, UserError
from loresmith.failures.failed import read_failures, write_failures
from loresmith.failures.findings import Findings, chosen_arm, findings
from loresmith.failures.reading import decision_of, project_logs
from loresmith.failures.words import lines, verdict
from tests.compare.conftest import written_exam

HALF = [True, False] * 20


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Every question in a direction of its own."""
    return np.eye(max(len(texts), 1), dtype=np.float32)[: len(texts)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_exam(tmp_path_factory.mktemp("p") / "project", {"base": [False] * 40, "lora": HALF})


@pytest.fixture(scope="module")
def found(project: Path) -> Findings:
    return findings(project_logs(project), "lora", encode)


def test_every_wrong_answer_is_counted_once_in_its_exam_and_under_one_reason(found: Findings) -> None:
    assert [(exam.exam, exam.n, exam.wrong) for exam in found.exams] == [("recall", 40, 20), ("transfer", 40, 20)]
    assert len(found.failures) == 40
    assert sum(reason.n for reason in found.reasons) == 40
    assert {failure.form for failure in found.failures} == {"choice"}  # every second question is a choice


def test_a_row_of_the_file_comes_back_as_it_was(found: Findings, tmp_path: Path) -> None:
    write_failures(tmp_path / "failures.jsonl", found.failures)
    assert tuple(read_failures(tmp_path / "failures.jsonl").values()) == found.failures
    assert read_failures(tmp_path / "none.jsonl") == {}
    (tmp_path / "failures.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        read_failures(tmp_path / "failures.jsonl")


def test_words_name_the_arm_the_exams_and_how_many_looks_were_taken(found: Findings) -> None:
    text = "\n".join(lines(found))
    assert text.startswith("lora: recall 20 of 40 wrong [35, 65]; transfer 20 of 40 wrong")
    assert f"({found.compared} groups compared, p adjusted by Holm)" in verdict(found)
    assert "chose a wrong option: 20, 100%" in text


def test_what_a_model_wrote_commands_no_terminal(found: Findings) -> None:
    hostile = tuple(one.model_copy(update={"given": "\x1b[2J\x07red"}) for one in found.failures)
    assert "\x1b" not in "\n".join(lines(found.model_copy(update={"failures": hostile})))


def test_the_arm_of_the_verdict_is_looked_at_or_else_the_fullest(project: Path) -> None:
    assert chosen_arm(["base", "lora", "rag"], "lora") == "lora"
    assert chosen_arm(["base", "lora", "rag"], "unclear") == "rag"
    assert chosen_arm(["gguf"]) == "gguf"
    assert decision_of(project / "exam") is None
    with pytest.raises(UserError, match="no answer"):
        chosen_arm([])


def test_an_arm_that_did_not_sit_and_an_exam_that_was_not_held_are_named(project: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'rag' was not examined"):
        findings(project_logs(project), "rag", encode)
    with pytest.raises(ArtifactMissing):
        project_logs(tmp_path)


def test_an_exam_on_other_questions_than_those_in_the_split_is_refused(tmp_path: Path) -> None:
    project = written_exam(tmp_path / "one", {"lora": HALF})
    other = written_exam(tmp_path / "two", {"lora": HALF}, first=100)
    (project / "split").rename(tmp_path / "gone")
    (other / "split").rename(project / "split")
    with pytest.raises(UserError, match="held on other questions"):
        project_logs(project)
