import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from loresmith.licences import licence_of
from loresmith.models.prompts import SYSTEM
from loresmith.models.weights import quiet
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.publish.base import Base, base_of
from loresmith.publish.card import card
from loresmith.publish.expert import Expert, What, open_expert
from loresmith.publish.merged import merged
from loresmith.report.exam import read_exam
from tests.publish.conftest import HOSTILE, SECRET, generate, refill
from tests.publish.test_fitness import failed

QWEN = "Qwen/Qwen2.5-3B-Instruct"


@pytest.fixture
def expert(project: Project) -> Expert:
    return open_expert(project)


def written(expert: Expert, what: What = "gguf", base_id: str | None = QWEN, **given: Any) -> str:
    return card(expert, what, base_of(expert, base_id=base_id), "me/plant", **given)


class Seen(HTMLParser):
    """Tags, and the text of the cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("what", "relation", "library"),
    [("adapter", "adapter", "peft"), ("merged", "finetune", "transformers"), ("gguf", "finetune", "gguf")],
)
def test_the_hubs_own_class_reads_the_head(expert: Expert, what: What, relation: str, library: str) -> None:
    head = ModelCard(written(expert, what)).data
    assert (head.base_model, head.base_model_relation, head.library_name) == (QWEN, relation, library)
    assert (head.license, head.license_name) == ("other", "qwen-research")
    assert head.license_link == f"https://huggingface.co/{QWEN}/blob/main/LICENSE"
    assert (head.language, head.pipeline_tag, head.model_name) == (["en"], "text-generation", "plant")
    assert head.tags is not None
    assert head.tags[0] == "loresmith"


def test_the_scores_in_the_head_are_those_of_the_exam_with_interval_and_n(expert: Expert) -> None:
    found = ModelCard(written(expert, "adapter")).data.eval_results
    exam = read_exam(expert.material.parents["evaluate"])
    assert found is not None
    assert [(one.dataset_split, one.metric_name) for one in found] == [
        (name, f"Accuracy, {way}")
        for name in ("recall", "transfer")
        for way in ("without sources", "with retrieved sources")
    ]
    cell = exam.cell("recall", "lora")
    assert cell is not None
    assert found[0].metric_value == pytest.approx(cell.accuracy.value, abs=1e-4)
    assert found[0].metric_args["n"] == cell.n
    assert found[0].metric_args["low"] == pytest.approx(cell.accuracy.low, abs=1e-4)


def test_a_file_claims_only_what_was_measured_on_it(expert: Expert) -> None:
    found = ModelCard(written(expert, "gguf")).data.eval_results
    assert found is not None
    assert [(one.dataset_split, one.metric_name, one.metric_value) for one in found] == [
        ("parity", "Accuracy, multiple choice", 0.65)
    ]


def test_every_arm_and_exam_stands_in_the_text_with_the_verdict_in_its_own_words(expert: Expert) -> None:
    text, exam = written(expert), read_exam(expert.material.parents["evaluate"])
    rows = [line for line in text.splitlines() if re.match(r"\| (recall|transfer) \| all questions \|", line)]
    assert len(rows) == 2 * len(exam.arms())
    assert all(re.search(r"% \| \\\[[\d.]+, [\d.]+\\\] \| 80 \|$", row) for row in rows)
    told = Seen()
    told.feed(MarkdownIt("commonmark").enable("table").render(text.partition("\n---\n")[2]))
    for said in (exam.verdict.headline, *exam.verdict.evidence, *exam.verdict.cautions):
        assert said in told.text
    assert "160 facts and 640 questions about them, written by rules" in told.text


def test_names_do_nothing_and_no_text_of_a_document_gets_in(expert: Expert) -> None:
    text = written(expert)
    body = text.partition("\n---\n")[2]
    seen = Seen()
    seen.feed(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(body))
    assert HOSTILE in seen.text
    assert not seen.tags & {"img", "script", "em"}
    assert [mark for mark in ("$$", "@all", "www.evil", "http:)") if mark in body] == ["http:)"]
    assert "a" not in seen.tags
    assert SECRET not in text
    assert SECRET[:20] not in text
    assert str(expert.project.path.parent) not in text


def test_the_settings_are_those_of_the_training_not_of_the_recipe_now(project: Project) -> None:
    recipe = project.recipe.model_copy(update={"train": project.recipe.train.model_copy(update={"r": 99})})
    text = card(open_expert(Project(project.path, recipe)), "adapter", base_of(open_expert(project), base_id=QWEN))
    assert "LoRA, rank 16" in text
    assert "99" not in text.partition("## Training")[2].partition("## Data")[0]


def test_a_local_teacher_is_named_without_its_place(project: Project) -> None:
    recipe = project.recipe.model_copy(
        update={"generate": project.recipe.generate.model_copy(update={"teacher": "local:/home/me/models/big-teacher"})}
    )
    again = Project(project.path, recipe)
    refill(again, Path(recipe.model.base), generate=generate)
    text = written(open_expert(again))
    assert "the model big-teacher" in text
    assert "/home/me" not in text


def test_a_card_says_that_a_file_failed_its_exam_and_that_a_licence_is_not_known(remake: Any) -> None:
    expert = open_expert(remake(parity=failed))
    text = written(expert, base_id=None)
    assert "**No: it did not pass the parity exam.**" in text
    assert "not proven to be the model that was examined" in text.partition("## What it is")[0]
    assert "They agree on 3 of 40 choices." in text
    assert "license: unknown" in text
    assert "base_model:" not in text
    assert "The licence of the base model is not known here" in text


def test_an_expert_that_was_never_examined_says_so(project: Project) -> None:
    for stage in ("exam", "parity", "documents"):
        (project.path / stage / "manifest.json").unlink()
    expert = open_expert(project)
    assert "This model was not examined." in written(expert, "adapter")
    assert "No exam was held." in written(expert, "adapter")
    assert "did not sit the parity exam" in written(expert)
    assert ModelCard(written(expert)).data.eval_results is None
    assert "are not listed: the project went on" in written(expert)


def test_llamas_licence_asks_for_its_name_and_notice(expert: Expert) -> None:
    licence = licence_of("meta-llama/Llama-3.2-3B-Instruct", None)
    text = card(expert, "gguf", Base("meta-llama/Llama-3.2-3B-Instruct", "x", None, None, licence))
    assert "license: llama3.2\n" in text
    assert "Built with Llama. Llama 3.2 is licensed under the Llama 3.2 Community License" in text


def code_of(text: str) -> str:
    found = re.search(r"```python\n(.*?)```", text, re.S)
    assert found is not None
    return found[1].replace(', device_map="auto"', "")


def test_the_code_in_both_cards_runs_and_gives_the_same_words(
    expert: Expert, capsys: pytest.CaptureFixture[str]
) -> None:
    """The merged model is that of the adapter: only rounding differs, and greedy words of a small model stand it."""
    said = []
    for what in ("adapter", "merged"):
        folder = finish(merged(expert)).path if what == "merged" else expert.project.path / "adapter"
        assert f'"role": "system", "content": "{SYSTEM}"' in code_of(written(expert, what))  # type: ignore[arg-type]
        code = code_of(written(expert, what)).replace("me/plant", str(folder))  # type: ignore[arg-type]
        with quiet():
            exec(compile(code.replace(QWEN, str(base_of(expert).folder)), "card", "exec"), {})
        said.append(capsys.readouterr().out[:12])
    assert said[0] == said[1]
