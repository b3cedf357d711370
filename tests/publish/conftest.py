"""A finished project: real records, a real small adapter, every artifact fresh; a name of a file tries to break out."""

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Draft
from loresmith.export.modelfile import modelfile, surroundings
from loresmith.pipeline import Project, journey, open_project
from loresmith.pipeline.runner import plan_of
from loresmith.pipeline.sources import fingerprints
from loresmith.records import Chunk, Document
from tests.report.conftest import PARITY, grades, questions, results, share

HOSTILE = "<img src=x onerror=alert(1)> [a](http:) $$x$$ @all `b` | *c* www.evil.example.md"
SECRET = "The relief valve of the upper tank opens slowly at four and a half bar of pressure"
GGUF_BYTES = 12_000_000
Fill = Callable[[Draft], None]


def documents() -> list[Document]:
    names = [HOSTILE, "pumps.md", "tanks.md"]
    return [
        Document(
            id=f"d{n}",
            source=name,
            title=f"{SECRET} {n}",
            format="markdown",
            pages=None,
            sha256=f"{n}a" * 32,
            text=SECRET,
        )
        for n, name in enumerate(names)
    ]


def ingest(draft: Draft) -> None:
    for document in documents():
        draft.keep(document)


def chunk(draft: Draft) -> None:
    text = f"{SECRET}, and the engineers of the plant look after it every week."
    for document in documents():
        draft.keep(
            Chunk(
                id=f"c{document.id}",
                document=document.id,
                source=document.source,
                title=document.title,
                headings=(),
                page=None,
                start=0,
                end=len(SECRET),
                kind="prose",
                text=text,
            )
        )


def generate(draft: Draft) -> None:
    draft.counts.update(kept=640, dropped=212, read=852)
    draft.notes.update(facts=160, kinds={"number": 100, "definition": 60}, forms={"short": 480, "choice": 160})


def split(draft: Draft) -> None:
    rows = "".join(f"{question.model_dump_json()}\n" for question in islice(questions("recall"), 4))
    (draft.path / "train.jsonl").write_text(rows, encoding="utf-8")
    draft.notes["sets"] = {"train": {"rows": 420, "facts": 210}, "recall": {"rows": 80, "facts": 40}}
    draft.notes["held_out_documents"] = ["tanks.md"]


def evaluate(draft: Draft) -> None:
    for exam in ("recall", "transfer"):
        for grade in grades(exam):
            draft.keep(grade)
    (draft.path / "results.json").write_text(results().model_dump_json(), encoding="utf-8")


def parity(draft: Draft) -> None:
    told = json.loads(json.dumps(PARITY))
    estimate = {"value": 0.65, "low": 0.5, "high": 0.78, "n": 40, "method": "Wilson 95%"}
    told["accuracy"]["choice"] |= {arm: share(26, 40) | {"estimate": estimate} for arm in ("merged", "gguf")}
    (draft.path / "results.json").write_text(json.dumps(told), encoding="utf-8")
    draft.notes.update(passed=True, reasons=told["reasons"])


def fill_train(base: Path) -> Fill:
    def train(draft: Draft) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        from loresmith.models.weights import quiet

        config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
        with quiet():
            model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(7)
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.data = torch.randn_like(weight) * 0.3
        model.save_pretrained(draft.path)
        (draft.path / "README.md").unlink(missing_ok=True)
        (draft.path / "log.jsonl").write_text('{"step": 5, "loss": 2.5}\n{"step": 10, "loss": 0.5}\n', encoding="utf-8")
        draft.notes.update(steps=10, conversations=420, tokens=180_000, trained_numbers=491_520)

    return train


def fill_export(base: Path) -> Fill:
    def export(draft: Draft) -> None:
        from transformers import AutoTokenizer

        around = surroundings(AutoTokenizer.from_pretrained(base), "<|im_end|>")
        text = modelfile(around, system="Answer briefly.", stops=("<|im_end|>",), num_ctx=512)
        (draft.path / "Modelfile").write_text(text, encoding="utf-8")
        (draft.path / "model.gguf").write_bytes(b"GGUF" + bytes(range(250)) * (GGUF_BYTES // 250))

    return export


def build(folder: Path, base: Path, **fills: Fill) -> Project:
    """The project in `folder`, fresh up to parity."""
    (folder / "documents").mkdir(parents=True)
    for document in documents():
        (folder / "documents" / document.source).write_text(SECRET, encoding="utf-8")
    recipe = {"name": "plant", "documents": [str(folder / "documents")], "model": {"base": str(base)}}
    (folder / "recipe.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    opened = open_project(folder / "recipe.yaml", project=folder / "plant")
    opened.save()
    return refill(opened, base, **fills)


def refill(project: Project, base: Path, **fills: Fill) -> Project:
    """Every artifact of `project` again, some filled in another way."""
    from loresmith.models import locate

    chosen: dict[str, Fill] = {
        **{fill.__name__: fill for fill in (ingest, chunk, generate, split, evaluate, parity)},
        **{"index": lambda _: None, "train": fill_train(base), "export": fill_export(base)},
        **fills,
    }
    identity, made = locate.identity(locate.find(str(base))), dict[str, Artifact]()
    for stage in journey(project)[:-1]:
        inputs = fingerprints(stage.files(project)) if stage.files else {}
        plan = plan_of(project, stage, made, inputs, lambda: identity)
        target = project.path / stage.folder
        if not (stage.name not in fills and artifact.state(target, plan).artifact):
            with artifact.create(target, plan) as draft:
                chosen[stage.name](draft)
        made[stage.name] = artifact.read(target, made_by=stage.name)
    return project


@pytest.fixture
def remake(project: Project, tiny_model: Path) -> Callable[..., Project]:
    """`remake(stage=fill)`: the project with artifacts made in another way, and those after them again."""

    def again(**fills: Any) -> Project:
        return refill(project, tiny_model, **fills)

    return again
