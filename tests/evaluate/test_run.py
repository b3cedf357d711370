"""The whole examination on a real random model with a real adapter and a real index."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from loresmith import artifact, evaluate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import NothingKept
from loresmith.evaluate.grounding import Lookup
from loresmith.evaluate.results import Results
from loresmith.progress import finish
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Question

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
ARMS = ("base", "lora", "rag", "lora+rag")


@pytest.fixture(scope="session")
def exam(parents: dict[str, Artifact], tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """One undisturbed examination."""
    return finish(
        evaluate.run(Plan("evaluate", small_settings(tiny_model), parents), tmp_path_factory.mktemp("e") / "exam")
    )


def small_settings(tiny_model: Path) -> EvaluateSettings:
    return EvaluateSettings.model_validate(
        {
            "model": {"base": str(tiny_model)},
            "evaluate": {"max_new_tokens": 6, "batch_size": 8, "bootstrap_samples": 1000},
            "ask": {"passages": 2, "source_tokens": 200},
        }
    )


def results_of(made: Artifact) -> Results:
    return Results.model_validate_json((made / "results.json").read_bytes())


def test_every_question_is_answered_once_in_every_arm_in_a_fixed_order(
    exam: Artifact, parents: dict[str, Artifact]
) -> None:
    asked = [
        question.id
        for name in ("recall", "transfer")
        for form in ("short", "choice")
        for question in parents["split"].rows(Question, f"{name}.jsonl")
        if question.form == form
    ]
    assert [(grade.arm, grade.question) for grade in exam.rows(Grade)] == [(arm, i) for arm in ARMS for i in asked]
    assert exam.manifest.counts == {"kept": 288, "read": 288}


def test_the_adapter_and_the_sources_change_what_is_said(exam: Artifact) -> None:
    said = {arm: [grade.given for grade in exam.rows(Grade) if grade.arm == arm] for arm in ARMS}
    assert len({tuple(given) for given in said.values()}) == 4


def test_the_base_arm_is_the_model_without_its_adapter(exam: Artifact, plan: Plan, tmp_path: Path) -> None:
    from loresmith.models import prompts
    from loresmith.models.language import open_model
    from loresmith.models.locate import find

    bare = open_model(find(plan.settings.model_dump()["model"]["base"]))
    short = next(iter(plan.parents["split"].rows(Question, "recall.jsonl")))
    (written,) = bare.complete([bare.encode(prompts.short(short.question))], 6)
    grade = next(grade for grade in exam.rows(Grade) if grade.arm == "base" and grade.question == short.id)
    assert grade.given == written.text.strip()


def test_the_results_hold_every_arm_exam_and_form(exam: Artifact) -> None:
    results = results_of(exam)
    assert Counter((cell.exam, cell.form) for cell in results.cells) == dict.fromkeys(
        [(name, form) for name in ("recall", "transfer") for form in ("short", "choice", "all")], 4
    )
    assert results.exams() == ("recall", "transfer")
    assert [found.hit.value for found in results.retrieval] == [1.0, 1.0]
    assert results.verdict.decision == "unclear"  # random weights and 36 questions prove nothing
    assert exam.manifest.notes["headline"] == results.verdict.headline


def test_lookups_are_logged_without_the_text_and_parts_are_gone(exam: Artifact) -> None:
    lookups = list(exam.rows(Lookup, "retrieval.jsonl"))
    assert len(lookups) == 72
    assert {(lookup.sources, lookup.passages) for lookup in lookups} == {("", ())}
    assert exam.manifest.files.keys() == {
        "rows.jsonl",
        "retrieval.jsonl",
        "support.jsonl",
        "texts.jsonl",
        "results.json",
    }


def test_grounded_answers_and_held_out_text_are_measured(exam: Artifact) -> None:
    results = results_of(exam)
    assert [(one.exam, one.arm) for one in results.grounded] == [
        (name, arm) for arm in ("rag", "lora+rag") for name in ("recall", "transfer")
    ]
    assert {one.n + sum(one.unscored.values()) for one in results.grounded} == {27}
    base, lora = results.held_text
    assert (base.arm, base.passages, lora.arm, lora.passages) == ("base", 9, "lora", 9)
    assert base.perplexity is not None and lora.perplexity is not None
    assert base.perplexity.value != lora.perplexity.value
    assert base.perplexity.n == lora.perplexity.n > 9 * 10
    assert {found.gain.value for found in results.retrieval if found.gain} == {1.0}


@pytest.mark.parametrize("reports", [3, 20])
def test_an_examination_stopped_midway_goes_on_without_asking_twice(
    exam: Artifact, plan: Plan, tmp_path: Path, reports: int
) -> None:
    target = tmp_path / "exam"
    work = evaluate.run(plan, target)
    for _ in range(reports):
        next(work)
    work.close()
    parts = tmp_path / ".exam.partial" / "parts"
    before = {path.name: path.stat().st_mtime_ns for path in parts.iterdir()}
    assert len(before) == reports - 1
    resumed = evaluate.run(plan, target)
    for _ in range(reports + 1):
        next(resumed)
    assert {name: (parts / name).stat().st_mtime_ns for name in before} == before
    assert finish(resumed).manifest.content == exam.manifest.content


def test_a_kill_after_the_results_were_written_opens_no_model_again(exam: Artifact, plan: Plan, tmp_path: Path) -> None:
    partial = tmp_path / ".exam.partial"
    shutil.copytree(exam.path, partial)
    (partial / artifact.MANIFEST).unlink()
    (partial / artifact.FINGERPRINT).write_text(plan.fingerprint, encoding="utf-8")
    (partial / "parts").mkdir()
    (partial / "parts" / "half.jsonl").write_text("{", encoding="utf-8")
    gone = {name: replace(parent, path=Path("gone")) for name, parent in plan.parents.items() if name != "split"}
    without = replace(plan, parents={**plan.parents, **gone})
    made = finish(evaluate.run(without, tmp_path / "exam"))
    assert made.manifest.content == exam.manifest.content


def test_exams_without_questions_are_no_success(plan: Plan, tmp_path: Path) -> None:
    with artifact.create(tmp_path / "split", Plan("split", plan.settings)):
        pass
    empty = artifact.read(tmp_path / "split", made_by="split")
    with pytest.raises(NothingKept, match="hold no question"):
        finish(evaluate.run(replace(plan, parents={**plan.parents, "split": empty}), tmp_path / "exam"))
    assert not (tmp_path / "exam").exists()


def test_arms_without_retrieval_need_no_index(plan: Plan, settings: EvaluateSettings, tmp_path: Path) -> None:
    config = settings.evaluate.model_copy(update={"arms": ("lora", "base"), "limit": 4})
    parents = {**plan.parents, "index": replace(plan.parents["index"], path=Path("gone"))}
    chosen = Plan("evaluate", settings.model_copy(update={"evaluate": config}), parents)
    made = finish(evaluate.run(chosen, tmp_path / "exam"))
    assert [grade.arm for grade in made.rows(Grade)] == ["base"] * 16 + ["lora"] * 16
    results = results_of(made)
    assert results.retrieval == ()
    assert [(cut.exam, cut.form, cut.asked, cut.available) for cut in results.limited] == [
        ("recall", "short", 4, 27),
        ("recall", "choice", 4, 9),
        ("transfer", "short", 4, 27),
        ("transfer", "choice", 4, 9),
    ]
