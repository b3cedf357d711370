"""Results in every shape: recorded ones of lm-evaluation-harness, and exams written as their stage writes them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Draft, Plan
from loresmith.benchmark.results import Mark as AskedMark
from loresmith.benchmark.results import Setting
from loresmith.compare.marks import Mark, Sheet
from loresmith.recipe import AskConfig, EvaluateConfig, ModelConfig, SplitConfig
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Form, Grade, Question

RECORDED = Path(__file__).parent / "recorded"
"""Two random models on two made-up tasks, written by lm_eval 0.4.13 with --log_samples; `few-shot` is the second one
again with two examples and a chat template. Paths and the description of the machine are left out."""


@pytest.fixture
def recorded() -> Path:
    return RECORDED


def sheet(right: Sequence[float], *, name: str = "recall", measure: str = "correct", to_a_document: int = 1) -> Sheet:
    """A sheet with these marks; so many questions in a row are about one document."""
    marks = (Mark(str(i), float(mark), document=str(i // to_a_document)) for i, mark in enumerate(right))
    return Sheet(name, measure, tuple(marks))


@pytest.fixture
def write_exam() -> Callable[..., Path]:
    """`write_exam(folder, {"base": [0, 1, ...]}, choice_scoring="text")`: a project folder with split and exam."""
    return written_exam


def written_exam(
    folder: Path,
    right: dict[str, Sequence[bool]],
    exams: Sequence[str] = ("recall", "transfer"),
    *,
    first: int = 0,
    choice_scoring: str = "text",
    long: Mapping[str, float] | None = None,
    judge: str | None = None,
) -> Path:
    """Each arm's marks in each exam: question by question, short and choice in turns, five questions to a document.

    Arms of `long` have ten long answers in each exam as well, all with the same score, which `judge` calls right.
    """
    count = len(next(iter(right.values())))
    asked = {exam: [_question(exam, first + i) for i in range(count)] for exam in exams}
    with artifact.create(folder / "split", Plan("split", SplitConfig(seed=first))) as draft:
        for exam, questions in asked.items():
            for question in questions:
                draft.keep(question, f"{exam}.jsonl")
    split = artifact.read(folder / "split", made_by="split")
    settings = EvaluateSettings(
        model=ModelConfig(),
        evaluate=EvaluateConfig.model_validate({"choice_scoring": choice_scoring, "judge": {"model": judge}}),
        ask=AskConfig(),
    )
    with artifact.create(folder / "exam", Plan("evaluate", settings, {"split": split})) as draft:
        (draft.path / "results.json").write_text("{}", encoding="utf-8")
        for arm, marks in right.items():
            for exam, questions in asked.items():
                for question, is_right in zip(questions, marks, strict=True):
                    draft.keep(_grade(question, exam, arm, bool(is_right)))
        for arm, score in (long or {}).items():
            for exam in exams:
                _long(draft, exam, arm, score, is_right=True if judge else None)
    return folder


def _long(draft: Draft, exam: str, arm: str, score: float, *, is_right: bool | None) -> None:
    """Ten long answers: their grades, and a line for each in the log of long answers."""
    rows = [_grade(_question(exam, 1000 + i), exam, arm, False) for i in range(10)]
    for row in rows:
        draft.keep(row.model_copy(update={"form": "long", "correct": is_right}))
    kept = {"question", "fact", "document", "arm", "exam"}
    measured = {"token_f1": score, "rouge_l": score, "bleu": score, "unparsed": None}
    lines = [json.dumps(row.model_dump(include=kept) | measured) for row in rows]
    with (draft.path / "long.jsonl").open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _question(exam: str, i: int) -> Question:
    form: Form = "short" if i % 2 == 0 else "choice"
    return Question(
        id=f"{exam}-{i}",
        fact=f"fact-{exam}-{i}",
        document=f"doc-{i // 5}",
        source=f"manual-{i // 5}.md",
        page=None,
        chunk="c",
        quote="q",
        kind="number" if i % 4 < 2 else "definition",
        form=form,
        wording=0,
        question=f"Question {i}?",
        answer="a",
        options=("a", "b") if form == "choice" else (),
    )


def _grade(question: Question, exam: str, arm: str, is_right: bool) -> Grade:
    return Grade(
        question=question.id,
        fact=question.fact,
        document=question.document,
        arm=arm,
        exam=exam,
        form=question.form,
        given="",
        correct=is_right,
        token_f1=1.0 if is_right else 0.25,
    )


def written_benchmark(folder: Path, task: str, right: dict[str, Sequence[bool]], *, few_shot: int = 0) -> Path:
    """`folder/benchmarks/<task>` as `loresmith benchmark` leaves it: each arm's marks, question by question."""
    setting = Setting(
        form="choice",
        prompt="{question}",
        description="",
        few_shot=few_shot,
        examples="",
        examples_sha256="",
        chat_template="",
        filters={},
        endings=(),
        max_new_tokens=None,
        dtype="float32",
        harness="",
    )
    target = folder / "benchmarks" / task
    with artifact.create(target, Plan("benchmark", setting)) as draft:
        (draft.path / "results.json").write_text(
            json.dumps({"task": task, "model": "tiny", "setting": setting.model_dump(mode="json")}), encoding="utf-8"
        )
        for arm, marks in right.items():
            for number, is_right in enumerate(marks):
                scores = {"acc": float(is_right), "acc_norm": float(is_right)}
                draft.keep(AskedMark(question=f"q{number}", arm=arm, subject="law", given="A", scores=scores))
    return target
