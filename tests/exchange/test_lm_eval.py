import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.lm_eval import grader
from loresmith.exchange.reading import Collection
from loresmith.models.prompts import REFUSAL
from loresmith.models.refusal import is_refusal

LABEL = Label("Made for a test.", "mit")


@pytest.fixture
def exam(tmp_path: Path, plain: Dialogue) -> Path:
    """An exam with one question that has an answer and one that has none."""
    silent = plain.model_copy(update={"id": "s", "aside": {"kind": "unanswerable"}})
    rows = Collection({"recall": [plain], "unanswerable": [silent]}, (), ())
    hand_over(rows, target_named("lm-eval"), tmp_path / "exam", LABEL)
    return tmp_path / "exam"


@pytest.fixture
def process_results() -> Any:
    """The function that a harness finds in the written file."""
    names: dict[str, Any] = {}
    exec(compile(grader(), "refusal.py", "exec"), names)
    return names["process_results"]


def test_questions_without_an_answer_have_a_task_of_their_own_that_names_its_check(exam: Path) -> None:
    group = yaml.safe_load((exam / "exam.yaml").read_text(encoding="utf-8"))
    assert group["task"] == ["exam_recall_short", "exam_unanswerable_refusal"]
    assert "process_results: !function 'refusal.process_results'\n" in (
        exam / "exam_unanswerable_refusal.yaml"
    ).read_text(encoding="utf-8")
    assert "process_results" not in (exam / "exam_recall_short.yaml").read_text(encoding="utf-8")
    assert (exam / "refusal.py").read_text(encoding="utf-8") == grader()
    (row,) = (exam / "exam_unanswerable_refusal.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["id"] == "s"


def test_an_exam_whose_questions_all_have_answers_brings_no_check_along(tmp_path: Path, plain: Dialogue) -> None:
    hand_over(Collection({"recall": [plain]}, (), ()), target_named("lm-eval"), tmp_path / "exam", LABEL)
    assert not (tmp_path / "exam" / "refusal.py").exists()


@pytest.mark.parametrize(
    "said",
    [REFUSAL, "The paper does not report it.", "I don't know.", "4 bar", "It is not given, but 4 bar is likely.", ""],
)
def test_the_check_beside_the_task_judges_as_the_exam_of_the_project(process_results: Any, said: str) -> None:
    assert process_results({}, [said]) == {"acc": float(is_refusal(said))}


def test_the_check_beside_the_task_needs_nothing_of_this_project() -> None:
    assert not [line for line in grader().splitlines() if line.startswith(("import", "from")) and line != "import re"]


def test_long_answers_have_a_task_of_their_own_with_room_for_sentences_and_bleu(
    tmp_path: Path, plain: Dialogue
) -> None:
    long = plain.model_copy(update={"id": "l", "aside": {"form": "long"}})
    hand_over(Collection({"recall": [plain, long]}, (), ()), target_named("lm-eval"), tmp_path / "exam", LABEL)
    short, task = (
        yaml.safe_load((tmp_path / "exam" / f"exam_recall_{form}.yaml").read_text(encoding="utf-8"))
        for form in ("short", "long")
    )
    assert task["metric_list"] == [{"aggregation": "bleu", "higher_is_better": True, "metric": "bleu"}]
    assert task["generation_kwargs"]["max_gen_toks"] > short["generation_kwargs"]["max_gen_toks"]
    (row,) = (tmp_path / "exam" / "exam_recall_long.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["id"] == "l"
