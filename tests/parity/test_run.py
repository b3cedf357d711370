"""The stage as the pipeline runs it: a real base, adapter, index and exported file."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from loresmith import artifact, export, index, parity
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.errors import NothingKept
from loresmith.models.weights import quiet
from loresmith.parity.comparison import ParityResults, ParityRow
from loresmith.progress import finish
from loresmith.recipe import AskConfig, EvaluateConfig, ExportConfig, IndexConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings, ParitySettings
from loresmith.records import Chunk, Form, Progress, Question

FACTS = [(f"valve {number}", f"{number} bar") for number in range(12)]


class Nothing(BaseModel):
    """Settings of a stage that has none."""


def made(stage: str, target: Path, fill: Callable[[Draft], None]) -> Artifact:
    with artifact.create(target, Plan(stage, Nothing())) as draft:
        fill(draft)
    return artifact.read(target, made_by=stage)


def question(number: int, form: Form) -> Question:
    subject, answer = FACTS[number]
    others = tuple(FACTS[(number + step) % len(FACTS)][1] for step in range(4))
    return Question(
        id=f"{form}{number}", fact=subject, document="d", source="d.md", page=None, chunk=f"c{number}", quote=answer,
        kind="number", form=form, wording=0, question=f"At which pressure does {subject} open?", answer=answer,
        options=others if form == "choice" else (),
    )  # fmt: skip


def fill_split(draft: Draft) -> None:
    for number in range(len(FACTS)):
        draft.keep(question(number, "short"), "recall.jsonl")
        draft.keep(question(number, "choice"), "recall.jsonl" if number % 2 else "transfer.jsonl")


def fill_chunks(draft: Draft) -> None:
    for number, (subject, answer) in enumerate(FACTS):
        draft.keep(Chunk(
            id=f"c{number}", document="d", source="d.md", title="Valves", headings=(), page=None, start=0, end=40,
            kind="prose", text=f"Of all valves, {subject} opens at {answer}.",
        ))  # fmt: skip


@pytest.fixture(scope="module")
def plan(build_tiny_model: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A tiny base with a random adapter, exported to q8_0."""
    folder = tmp_path_factory.mktemp("project")
    base = build_tiny_model(folder / "base", hidden=256)
    model = ModelConfig(base=str(base))
    export_config = ExportConfig(quantization="q8_0", parity_questions=20)

    def fill_adapter(draft: Draft) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        with quiet(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(4)
            fitted = get_peft_model(
                AutoModelForCausalLM.from_pretrained(base), LoraConfig(r=4, target_modules="all-linear")
            )
            for name, weight in fitted.named_parameters():
                if "lora_B" in name:
                    weight.data = torch.randn_like(weight) * 0.05
            fitted.save_pretrained(draft.path)

    adapter = made("train", folder / "adapter", fill_adapter)
    chunks = made("chunk", folder / "chunks", fill_chunks)
    found = finish(index.run(Plan("index", IndexConfig(), {"chunk": chunks}), folder / "index"))
    shipped = finish(
        export.run(
            Plan("export", ExportSettings(model=model, export=export_config), {"train": adapter}), folder / "export"
        )
    )
    settings = ParitySettings(
        model=model, export=export_config, evaluate=EvaluateConfig(max_new_tokens=8), ask=AskConfig(source_tokens=200)
    )
    split = made("split", folder / "split", fill_split)
    return Plan("parity", settings, {"export": shipped, "train": adapter, "split": split, "index": found})


@pytest.fixture(scope="module")
def result(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Artifact, list[Progress]]:
    heard: list[Progress] = []
    return finish(parity.run(plan, tmp_path_factory.mktemp("run") / "parity"), heard.append), heard


def results(artifact_: Artifact) -> ParityResults:
    return ParityResults.model_validate_json((artifact_ / "results.json").read_bytes())


def test_every_prompt_bare_and_grounded_has_the_same_ids_in_the_file(result: tuple[Artifact, list[Progress]]) -> None:
    found = results(result[0])
    assert (found.prompts.same, found.prompts.n) == (20, 20)
    assert (found.grounded.same, found.grounded.n) == (20, 20)
    assert (found.replies.same, found.replies.n) == (20, 20)


def test_the_merged_model_answers_as_the_adapter_does(result: tuple[Artifact, list[Progress]]) -> None:
    found = results(result[0])
    assert found.agreement["choice"]["adapter-merged"].same == found.questions["choice"] > 5
    assert found.agreement["short"]["adapter-merged"].same == found.questions["short"] > 5


def test_the_artifact_holds_a_row_for_each_question_and_no_leftovers(result: tuple[Artifact, list[Progress]]) -> None:
    rows = list(result[0].rows(ParityRow))
    assert len(rows) == result[0].manifest.counts["kept"] == 20
    assert {row.form for row in rows} == {"short", "choice"}
    assert set(result[0].manifest.files) == {"rows.jsonl", "results.json"}
    assert result[0].manifest.notes["passed"] == results(result[0]).passed


def test_progress_counts_every_question_of_every_model(result: tuple[Artifact, list[Progress]]) -> None:
    assert [step.note for step in result[1]] == ["adapter", "merged", "gguf"]
    assert [step.done for step in result[1]] == [20, 40, 60]


def test_a_killed_run_goes_on_with_the_next_model_and_ends_alike(
    plan: Plan, result: tuple[Artifact, list[Progress]], tmp_path: Path
) -> None:
    work = parity.run(plan, tmp_path / "parity")
    while next(work).note != "merged":
        pass
    next(work)  # the merged model's answers are written down when the next model reports
    del work
    heard: list[Progress] = []
    again = finish(parity.run(plan, tmp_path / "parity"), heard.append)
    assert {step.note for step in heard} == {"gguf"}
    assert again.manifest.content == result[0].manifest.content


def test_a_file_of_another_model_fails_and_says_why(
    plan: Plan, build_tiny_model: Callable[..., Path], tmp_path: Path
) -> None:
    assert isinstance(plan.settings, ParitySettings)
    template = "{% for m in messages %}{{ m['content'] }}<|im_end|>{% endfor %}"
    other = build_tiny_model(tmp_path / "other", hidden=256, seed=9, template=template)
    settings = ExportSettings(model=ModelConfig(base=str(other)), export=plan.settings.export)
    shipped = finish(export.run(replace(plan, stage="export", settings=settings), tmp_path / "export"))
    wrong = replace(plan, parents={**plan.parents, "export": shipped})
    made_ = finish(parity.run(wrong, tmp_path / "parity"))
    found = json.loads((made_ / "results.json").read_text())
    assert found["passed"] is False
    assert any("other token ids" in reason for reason in found["reasons"])
    assert any("agree on" in reason for reason in found["reasons"])


def test_an_exam_without_questions_is_no_success(plan: Plan, tmp_path: Path) -> None:
    empty = made("split", tmp_path / "split", lambda draft: None)
    with pytest.raises(NothingKept):
        finish(parity.run(replace(plan, parents={**plan.parents, "split": empty}), tmp_path / "parity"))
