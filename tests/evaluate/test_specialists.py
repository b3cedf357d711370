"""Adapters of single domains in the exam on their own documents: a real base with three real adapters."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, evaluate
from loresmith.artifact import Artifact, Plan
from loresmith.evaluate.journal import SPECIAL
from loresmith.evaluate.results import Results
from loresmith.evaluate.room import Room
from loresmith.evaluate.specialists import ARM, compared
from loresmith.progress import finish
from loresmith.recipe import TrainConfig
from loresmith.recipe.settings import EvaluateSettings, TrainSettings
from loresmith.records import Grade, Progress

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
ADAPTERS = [{"name": "first", "documents": ["corvid.md", "l*.md"]}, {"name": "none", "documents": ["gears/*"]}]


@pytest.fixture(scope="module")
def specialised(parents: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The same project after a training with adapters; the one that is examined differs from the whole."""
    folder = tmp_path_factory.mktemp("special") / "adapter"
    given = parents["train"].manifest.settings
    train = TrainConfig.model_validate(
        {"adapters": [*ADAPTERS, {"name": "rows", "sources": ["r"]}], "mix": ["r.jsonl"]}
    )
    settings = TrainSettings.model_validate({**given, "train": train.model_dump()})
    with artifact.create(folder, Plan("train", settings)) as draft:
        for name in ("adapter_config.json", "adapter_model.safetensors"):
            shutil.copyfile(parents["train"] / name, draft.path / name)
        (draft.path / "first").mkdir()
        _halved(draft.path, draft.path / "first")
    return {**parents, "train": artifact.read(folder, made_by="train")}


def _halved(whole: Path, folder: Path) -> None:
    """Another adapter: the same with half the weight."""
    config = json.loads((whole / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": config["lora_alpha"] / 2}))
    shutil.copyfile(whole / "adapter_model.safetensors", folder / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def settings_of(tiny_model: Path) -> EvaluateSettings:
    evaluate = {"max_new_tokens": 6, "batch_size": 8, "bootstrap_samples": 1000, "arms": ["base", "lora"]}
    return EvaluateSettings.model_validate({"model": {"base": str(tiny_model)}, "evaluate": evaluate, "ask": {}})


@pytest.fixture(scope="module")
def exam(
    specialised: dict[str, Artifact], settings_of: EvaluateSettings, tmp_path_factory: pytest.TempPathFactory
) -> Artifact:
    target = tmp_path_factory.mktemp("exam") / "exam"
    return finish(evaluate.run(Plan("evaluate", settings_of, specialised), target))


def grades_of(made: Artifact, name: str = "rows.jsonl") -> list[Grade]:
    return list(made.rows(Grade, name))


def test_only_questions_on_its_documents_are_asked_and_they_change_no_other_figure(
    exam: Artifact, parents: dict[str, Artifact], settings_of: EvaluateSettings, tmp_path: Path
) -> None:
    special = grades_of(exam, SPECIAL)
    assert {grade.arm for grade in special} == {f"{ARM}first"}
    assert {grade.document.rstrip("0") for grade in special} == {"corvid", "lindow"}
    without = finish(evaluate.run(Plan("evaluate", settings_of, parents), tmp_path / "exam"))
    assert grades_of(exam) == grades_of(without)
    assert not (without / SPECIAL).exists()
    results = [Results.model_validate_json((made / "results.json").read_bytes()) for made in (exam, without)]
    assert results[0].model_copy(update={"specialists": ()}) == results[1]


def test_each_is_set_beside_base_and_whole_on_the_same_questions(exam: Artifact) -> None:
    results = Results.model_validate_json((exam / "results.json").read_bytes())
    assert [(one.adapter, one.exam) for one in results.specialists] == [("first", "recall"), ("first", "transfer")]
    special = grades_of(exam, SPECIAL)
    asked = {grade.question for grade in special if grade.exam == "recall"}
    for one in results.specialists[:1]:
        assert one.base is not None
        assert one.everything is not None
        assert one.accuracy.n == one.base.n == one.everything.n == len(asked)
        base = [g.correct for g in grades_of(exam) if g.arm == "base" and g.exam == "recall" and g.question in asked]
        assert one.base.value == pytest.approx(sum(base) / len(base))


def test_figures_drawn_anew_ask_no_adapter_again(
    exam: Artifact, specialised: dict[str, Artifact], settings_of: EvaluateSettings, tmp_path: Path
) -> None:
    target = shutil.copytree(exam.path, tmp_path / "exam")
    drawn = settings_of.evaluate.model_copy(update={"bootstrap_samples": 1001})
    plan = Plan("evaluate", settings_of.model_copy(update={"evaluate": drawn}), specialised)
    steps: list[Progress] = []
    again = finish(evaluate.run(plan, target), steps.append)
    assert [step.note for step in steps] == ["counting"]
    assert grades_of(again, SPECIAL) == grades_of(exam, SPECIAL)


def test_it_answers_by_its_own_weights(exam: Artifact) -> None:
    whole = {(g.exam, g.question): g.given for g in grades_of(exam) if g.arm == "lora"}
    assert any(whole[grade.exam, grade.question] != grade.given for grade in grades_of(exam, SPECIAL))


def test_after_it_the_whole_speaks_again(specialised: dict[str, Artifact], settings_of: EvaluateSettings) -> None:
    with Room(Plan("evaluate", settings_of, specialised), settings_of) as room:
        with room.specialist("first"):
            assert room.speaker.model.active_adapter == "first"
        assert room.speaker.model.active_adapter == "default"


def test_an_examination_that_was_given_up_among_them_ends_the_same(
    exam: Artifact, specialised: dict[str, Artifact], settings_of: EvaluateSettings, tmp_path: Path
) -> None:
    plan = Plan("evaluate", settings_of, specialised)
    work = evaluate.run(plan, tmp_path / "exam")
    while not next(work).note.startswith("adapter first: transfer"):
        pass
    work.close()
    seen: list[Progress] = []
    assert finish(evaluate.run(plan, tmp_path / "exam"), seen.append).manifest.content == exam.manifest.content


def grade(arm: str, question: str, correct: bool, exam: str = "recall") -> Grade:
    given: dict[str, Any] = {"question": question, "fact": "f", "document": "d", "form": "short", "given": ""}
    return Grade(**given, arm=arm, exam=exam, correct=correct, token_f1=0.0)


def test_what_did_not_sit_is_unknown_and_not_wrong() -> None:
    (one,) = compared([grade("lora:a", "1", True), grade("lora:a", "2", False)], [grade("rag", "1", True)])
    assert (one.accuracy.value, one.accuracy.n) == (0.5, 2)
    assert (one.base, one.everything, one.p) == (None, None, None)
