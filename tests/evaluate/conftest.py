"""A whole small project up to the examination: real files, a real index, a real (random) model with a real adapter."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith import artifact, index
from loresmith.artifact import Artifact, Plan
from loresmith.progress import finish
from loresmith.recipe import (
    AskConfig,
    ChunkConfig,
    EvaluateConfig,
    IndexConfig,
    ModelConfig,
    SplitConfig,
    TrainConfig,
)
from loresmith.recipe.settings import EvaluateSettings, TrainSettings
from loresmith.records import Chunk, Question
from tests.evaluate.further import Over, hold

MACHINES = ("Corvid", "Lindow", "Marram", "Ostler", "Pellan", "Quern", "Rushy", "Sarsen", "Tarn")
PARTS = (("relief valve", "4 bar"), ("feed pump", "1,319 rpm"), ("door seal", "silicone rubber"))


def facts() -> Iterator[tuple[str, str, str, str]]:
    """(machine, part, answer, sentence)."""
    for number, machine in enumerate(MACHINES):
        for part, answer in PARTS:
            said = answer.replace("4", str(number + 2))
            yield machine, part, said, f"The {part} of the {machine} is rated {said}."


def exam_questions(exam: str) -> list[Question]:
    """One short and one choice question per fact."""
    asked = []
    for number, (machine, part, answer, sentence) in enumerate(facts()):
        others = [said for _, other, said, _ in facts() if other == part and said != answer][:3]
        for form, options in (("short", ()), ("choice", (*others, answer))):
            if form == "choice" and len(options) < 2:
                continue
            asked.append(
                Question(
                    id=f"{exam}-{form}-{number:02d}",
                    fact=f"fact-{number:02d}",
                    document=machine.lower().ljust(16, "0"),
                    source=f"{machine.lower()}.md",
                    page=None,
                    chunk=f"chunk-{machine.lower()}",
                    quote=sentence,
                    kind="number" if any(sign.isdigit() for sign in answer) else "definition",
                    form=form,  # type: ignore[arg-type]
                    wording=0,
                    question=f"What is the {part} of the {machine} rated?",
                    answer=answer,
                    options=options,
                )
            )
    return asked


def chunks() -> list[Chunk]:
    """One chunk per machine."""
    made = []
    for machine in MACHINES:
        text = " ".join(sentence for name, _, _, sentence in facts() if name == machine)
        made.append(
            Chunk(
                id=f"chunk-{machine.lower()}",
                document=machine.lower().ljust(16, "0"),
                source=f"{machine.lower()}.md",
                title=f"The {machine}",
                headings=(),
                page=None,
                start=0,
                end=len(text),
                kind="prose",
                text=text,
            )
        )
    return made


@pytest.fixture
def questions() -> Callable[[str], list[Question]]:
    """`questions("recall")`: 27 short and 9 choice questions on 27 facts of 9 documents."""
    return exam_questions


@pytest.fixture(scope="session")
def parents(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> dict[str, Artifact]:
    """The artifacts that an examination reads."""
    folder = tmp_path_factory.mktemp("project")
    with artifact.create(folder / "split", Plan("split", SplitConfig())) as draft:
        for exam in ("recall", "transfer"):
            for question in exam_questions(exam):
                draft.keep(question, f"{exam}.jsonl")
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for chunk in chunks():
            draft.keep(chunk)
    cut = artifact.read(folder / "chunks", made_by="chunk")
    looked_up = finish(index.run(Plan("index", IndexConfig(), {"chunk": cut}), folder / "index"))
    settings = TrainSettings(model=ModelConfig(base=str(tiny_model)), train=TrainConfig())
    with artifact.create(folder / "adapter", Plan("train", settings)) as draft:
        save_random_adapter(tiny_model, draft.path)
    return {
        "split": artifact.read(folder / "split", made_by="split"),
        "index": looked_up,
        "train": artifact.read(folder / "adapter", made_by="train"),
    }


def save_random_adapter(model: Path, folder: Path) -> None:
    """An untrained LoRA adapter that changes what the model says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for a name that goes in version 6
        torch.manual_seed(4)
        config = LoraConfig(r=4, lora_alpha=64, target_modules="all-linear", init_lora_weights=False)
        fitted = get_peft_model(AutoModelForCausalLM.from_pretrained(model), config)
    fitted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def over(parents: dict[str, Artifact], tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Over:
    """An exam of 5 questions a sheet that is over, and the exported file."""
    return hold(parents, tmp_path_factory.mktemp("over"), tiny_model, limit=5)


@pytest.fixture
def settings(tiny_model: Path) -> EvaluateSettings:
    return EvaluateSettings(
        model=ModelConfig(base=str(tiny_model)),
        evaluate=EvaluateConfig(max_new_tokens=6, batch_size=8, bootstrap_samples=1000),
        ask=AskConfig(passages=2, source_tokens=200),
    )


@pytest.fixture
def plan(parents: dict[str, Artifact], settings: EvaluateSettings) -> Plan:
    return Plan("evaluate", settings, parents)
