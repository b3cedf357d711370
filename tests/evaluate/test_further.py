"""The exported file sits the exam by a real llama.cpp, after a real exam of a real (random) model."""

from dataclasses import replace
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.errors import UserError
from loresmith.evaluate import further
from loresmith.evaluate.results import Further
from loresmith.evaluate.support import Support
from loresmith.progress import finish
from loresmith.records import Grade, Progress
from tests.evaluate.further import Over

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def sat(over: Over, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Both arms of the file, undisturbed."""
    return finish(further.run(over.plan("gguf", "gguf", "gguf+rag"), tmp_path_factory.mktemp("sat") / "exam-gguf"))


def given(made: Artifact, arm: str) -> dict[str, str]:
    return {grade.question: grade.given for grade in made.rows(Grade) if grade.arm == arm}


def results_of(made: Artifact) -> Further:
    return Further.model_validate_json((made / "results.json").read_bytes())


def test_the_file_answers_the_questions_of_the_exam_as_the_model_in_memory_did(sat: Artifact, over: Over) -> None:
    exam = over.parents["evaluate"]
    for arm, twin in (("gguf", "lora"), ("gguf+rag", "lora+rag")):
        file, memory = given(sat, arm), given(exam, twin)
        assert list(file) == list(memory)
        same = sum(file[question] == memory[question] for question in file)
        assert same >= 0.8 * len(file)  # 16 bits against 32: a near tie may fall the other way
        assert same > sum(file[question] == given(exam, "base")[question] for question in file)
    assert given(sat, "gguf") != given(sat, "gguf+rag")


def test_its_figures_stand_beside_those_of_the_arms_before_on_the_same_questions(sat: Artifact, over: Over) -> None:
    results = results_of(sat)
    assert {cell.arm for cell in results.cells} == {"gguf", "gguf+rag"}
    assert results.choice_scoring == {"gguf": "text", "gguf+rag": "text"}
    assert results.cautions == ()
    names = {pair.name for pair in results.pairs if (pair.exam, pair.form) == ("recall", "all")}
    assert names == {
        "gguf - lora", "gguf - base", "gguf+rag - lora+rag", "gguf+rag - rag", "gguf+rag - base", "gguf+rag - gguf"
    }  # fmt: skip
    pair = next(pair for pair in results.pairs if pair.name == "gguf - lora" and pair.form == "all")
    before = {grade.question: grade.correct for grade in over.parents["evaluate"].rows(Grade) if grade.arm == "lora"}
    after = [grade for grade in sat.rows(Grade) if (grade.arm, grade.exam) == ("gguf", pair.exam)]
    assert pair.won == sum(grade.correct and not before[grade.question] for grade in after)
    assert pair.difference.n == len(after) == 10


def test_what_its_grounded_answers_rest_on_is_measured_by_the_passages_of_the_exam(sat: Artifact, over: Over) -> None:
    grades = {grade.question: grade for grade in sat.rows(Grade) if grade.arm == "gguf+rag"}
    twins = {grade.question: grade for grade in over.parents["evaluate"].rows(Grade) if grade.arm == "lora+rag"}
    before = {
        row.question: row for row in over.parents["evaluate"].rows(Support, "support.jsonl") if row.arm == "lora+rag"
    }
    supports = list(sat.rows(Support, "support.jsonl"))
    assert {row.arm for row in supports} == {"gguf+rag"}
    assert [row.question for row in supports] == list(before)
    same = [row for row in supports if grades[row.question].given == twins[row.question].given]
    assert same and all(row.model_copy(update={"arm": "lora+rag"}) == before[row.question] for row in same)
    assert [(one.exam, one.arm) for one in results_of(sat).grounded] == [
        ("recall", "gguf+rag"), ("transfer", "gguf+rag")
    ]  # fmt: skip


def test_nothing_is_looked_up_again_and_the_sources_are_those_of_the_exam(over: Over) -> None:
    from loresmith.evaluate.grounding import look_up
    from loresmith.models.language import open_model
    from loresmith.models.locate import find
    from loresmith.records import Question
    from loresmith.retrieval.searcher import open_index

    plan = over.plan("gguf", "gguf+rag")
    shared = {lookup.question: lookup for lookup in further._lookups(plan)}
    model = open_model(find(over.settings.model.base))
    with open_index(plan.parents["index"].path) as searcher:
        for question in plan.parents["split"].rows(Question, "recall.jsonl"):
            if question.id in shared:
                found = look_up(question, searcher.search, model, over.settings.ask, over.settings.evaluate)
                same = shared[question.id]
                assert same.sources == found.sources
                assert [(one.chunk, one.text) for one in same.passages] == [
                    (one.chunk, one.text) for one in found.passages
                ]
    assert len(shared) == 20


def test_a_file_stopped_midway_goes_on_without_asking_twice(over: Over, sat: Artifact, tmp_path: Path) -> None:
    plan, target = over.plan("gguf", "gguf", "gguf+rag"), tmp_path / "exam-gguf"
    work = further.run(plan, target)
    for _ in range(4):
        next(work)
    work.close()
    parts = tmp_path / ".exam-gguf.partial" / "parts"
    before = {path.name: path.stat().st_mtime_ns for path in parts.iterdir()}
    assert len(before) == 3
    resumed = further.run(plan, target)
    for _ in range(6):
        next(resumed)
    assert {name: (parts / name).stat().st_mtime_ns for name in before} == before
    assert finish(resumed).manifest.content == sat.manifest.content


def test_the_second_arm_of_a_file_leaves_the_first_as_it_is(over: Over, sat: Artifact, tmp_path: Path) -> None:
    target = tmp_path / "exam-gguf"
    finish(further.run(over.plan("gguf", "gguf"), target))
    steps: list[Progress] = []
    grown = finish(further.run(over.plan("gguf", "gguf", "gguf+rag"), target), steps.append)
    assert {step.note.partition(":")[0] for step in steps} == {"gguf+rag", "counting"}
    assert grown.manifest.content == sat.manifest.content


def test_another_file_is_asked_anew(over: Over, tmp_path: Path) -> None:
    target, plan = tmp_path / "exam-gguf", over.plan("gguf", "gguf")
    finish(further.run(plan, target))
    file = plan.parents["export"]
    other = replace(file, manifest=file.manifest.model_copy(update={"content": "0" * 64}))
    steps: list[Progress] = []
    finish(further.run(replace(plan, parents={**plan.parents, "export": other}), target), steps.append)
    assert any(step.note.startswith("gguf:") for step in steps)


def test_an_exam_without_sources_has_none_to_share(over: Over, tmp_path: Path) -> None:
    exam = over.parents["evaluate"]
    with artifact.create(tmp_path / "exam", over.plan("evaluate")) as draft:
        for name in ("rows.jsonl", "results.json"):
            (draft.path / name).write_bytes((exam / name).read_bytes())
        (draft.path / "retrieval.jsonl").write_text("", encoding="utf-8")
    bare = artifact.read(tmp_path / "exam", made_by="evaluate")
    plan = over.plan("gguf", "gguf+rag")
    with pytest.raises(UserError, match="looked nothing up") as caught:
        finish(further.run(replace(plan, parents={**plan.parents, "evaluate": bare}), tmp_path / "exam-gguf"))
    assert "evaluate.arms" in caught.value.next_step
