"""An arm that sat is not asked again when another one is added; with what decides its answers changed, it is."""

from dataclasses import replace
from pathlib import Path

import pytest

from loresmith import artifact, evaluate
from loresmith.artifact import Artifact, Plan
from loresmith.evaluate.earlier import basis
from loresmith.evaluate.held_text import Weighed
from loresmith.progress import finish
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Grade, Progress

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def with_config(plan: Plan, **changes: object) -> Plan:
    settings = plan.settings
    assert isinstance(settings, EvaluateSettings)
    evaluate_config = settings.evaluate.model_copy(update={"limit": 4, **changes})
    return replace(plan, settings=settings.model_copy(update={"evaluate": evaluate_config}))


@pytest.fixture
def two_arms(plan: Plan, tmp_path: Path) -> Artifact:
    return finish(evaluate.run(with_config(plan, arms=("base", "rag")), tmp_path / "exam"))


def test_more_arms_ask_the_new_ones_alone_and_leave_the_bytes_of_a_whole_exam(
    two_arms: Artifact, plan: Plan, tmp_path: Path
) -> None:
    whole = finish(evaluate.run(with_config(plan), tmp_path / "whole"))
    steps: list[Progress] = []
    grown = finish(evaluate.run(with_config(plan), two_arms.path), steps.append)
    asked = {step.note.partition(":")[0] for step in steps}
    assert asked == {"lora", "lora+rag", "counting"}  # nothing was looked up again, and nobody asked twice
    assert grown.manifest.content == whole.manifest.content


def test_figures_drawn_anew_ask_nobody_and_open_no_model(two_arms: Artifact, plan: Plan) -> None:
    fewer = with_config(plan, arms=("base", "rag"), bootstrap_samples=2000)
    gone = {"index": replace(plan.parents["index"], path=Path("gone"))}
    again = finish(evaluate.run(replace(fewer, parents={**fewer.parents, **gone}), two_arms.path))
    assert list(again.rows(Grade)) == list(artifact.read(two_arms.path, made_by="evaluate").rows(Grade))
    assert again.manifest.settings["evaluate"]["bootstrap_samples"] == 2000


@pytest.mark.parametrize("changed", ["max_new_tokens", "limit", "choice_scoring", "batch_size"])
def test_whatever_decides_an_answer_asks_anew(plan: Plan, changed: str) -> None:
    other = {"max_new_tokens": 7, "limit": 5, "choice_scoring": "letter", "batch_size": 4}[changed]
    assert basis(with_config(plan, **{changed: other})) != basis(with_config(plan))


def test_another_index_or_model_or_revision_asks_anew_and_another_seed_does_not(plan: Plan) -> None:
    index = plan.parents["index"]
    other = replace(index, manifest=index.manifest.model_copy(update={"content": "0" * 64}))
    changed = [
        replace(plan, parents={**plan.parents, "index": other}),
        replace(plan, inputs={"model": "1" * 64}),
        replace(plan, revision=2),
    ]
    assert len({basis(plan), *map(basis, changed)}) == 4
    assert basis(with_config(plan, limit=None, seed=18, arms=("base",))) == basis(plan)


def test_other_passages_are_weighed_anew_and_no_question_is_asked_again(two_arms: Artifact, plan: Plan) -> None:
    steps: list[Progress] = []
    fewer = with_config(plan, arms=("base", "rag"), text_passages=1)
    again = finish(evaluate.run(fewer, two_arms.path), steps.append)
    assert [step.note for step in steps] == ["counting", "base: text that was not trained on"]
    assert len(list(again.rows(Weighed, "texts.jsonl"))) == 1
