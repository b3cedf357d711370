"""An export with an importance matrix, from the split's questions to the file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from gguf import GGUFReader
from pydantic import BaseModel

from loresmith import artifact, export
from loresmith.artifact import Artifact, Plan
from loresmith.errors import MachineError
from loresmith.export import calibration, importance
from loresmith.models import asked, chat
from loresmith.models.locate import find
from loresmith.models.weights import load_tokenizer
from loresmith.progress import finish
from loresmith.recipe import ExportConfig, ModelConfig, TrainConfig
from loresmith.recipe.settings import ExportSettings, TrainSettings
from loresmith.records import Chunk, Progress, Question

PASSAGES = [
    Chunk(
        id=f"c{n}", document="d", source="a.md", title="", headings=(), page=None, start=0, end=40, kind="prose",
        text=f"Valve {n} opens at {n} bar.",
    )
    for n in range(30)
]  # fmt: skip


class Nothing(BaseModel):
    """Settings of a stage that has none."""


def question(number: int, word: str) -> Question:
    return Question(
        id=f"{word}{number}", fact=f"f{number}", document="d", source="a.md", page=None, chunk=f"c{number}", quote="q",
        kind="number", form="short", wording=0, question=f"{word}: at what does {number} open?", answer=f"{number} bar",
    )  # fmt: skip


TRAINED = [question(number, "trained") for number in range(30)]


def made(folder: Path, stage: str, rows: dict[str, Sequence[BaseModel]], settings: BaseModel | None = None) -> Artifact:
    with artifact.create(folder, Plan(stage, settings or Nothing())) as draft:
        for name, found in rows.items():
            (draft.path / name).write_text("".join(row.model_dump_json() + "\n" for row in found))
    return artifact.read(folder, made_by=stage)


@pytest.fixture
def plan_for(qwen2: Path, fit_adapter: Callable[..., Path], tmp_path: Path) -> Callable[..., Plan]:
    exams = {name: [question(n, name) for n in range(30)] for name in ("validation", "recall", "transfer")}
    split = made(tmp_path / "split", "split", {f"{name}.jsonl": rows for name, rows in exams.items()} | {
        "train.jsonl": TRAINED
    })  # fmt: skip
    chunks = made(tmp_path / "chunks", "chunk", {"rows.jsonl": PASSAGES})
    trained = TrainSettings(model=ModelConfig(base=str(qwen2)), train=TrainConfig(open_book=0.5))
    with artifact.create(tmp_path / "adapter", Plan("train", trained)) as draft:
        for file in fit_adapter(qwen2).iterdir():
            (draft.path / file.name).write_bytes(file.read_bytes())
    parents = {"split": split, "chunk": chunks, "train": artifact.read(tmp_path / "adapter", made_by="train")}

    def plan(**changes: object) -> Plan:
        settings = ExportConfig.model_validate({"importance": "training", "importance_tokens": 600, **changes})
        return Plan("export", ExportSettings(model=ModelConfig(base=str(qwen2)), export=settings), parents)

    return plan


def test_the_sample_is_bounded_and_holds_training_conversations_only(
    plan_for: Callable[..., Plan], qwen2: Path
) -> None:
    tokenizer = load_tokenizer(find(str(qwen2)))
    how = chat.turn(tokenizer)
    texts = calibration.sample(plan_for(), tokenizer, 700)
    assert sum(map(len, texts)) == 700
    bare = {(*chat.render(tokenizer, asked.messages(row)), *chat.reply(tokenizer, row.answer, how)) for row in TRAINED}
    words = [tokenizer.decode(text) for text in texts]
    assert bare & set(texts)
    assert all("trained: at what" in word for word in words[:-1])
    assert any("[1] Valve" in word for word in words)
    assert calibration.sample(plan_for(), tokenizer, 700) == texts
    everything = calibration.sample(plan_for(), tokenizer, 1 << 20)
    assert bare <= set(everything)
    assert set(texts[:-1]) < set(everything)


def test_the_artifact_holds_the_matrix_and_says_what_it_was_measured_on(
    plan_for: Callable[..., Plan], tmp_path: Path
) -> None:
    heard: list[Progress] = []
    weighed = finish(export.run(plan_for(), tmp_path / "weighed"), heard.append)
    assert set(weighed.manifest.files) == {"model.gguf", "Modelfile", "importance.gguf"}
    assert [(step.done, step.total) for step in heard[:2]] == [(1, 2), (2, 2)]
    assert "measured on 600 tokens" in weighed.manifest.notes["importance"]
    plain = finish(export.run(plan_for(importance="none"), tmp_path / "plain"))
    assert set(plain.manifest.files) == {"model.gguf", "Modelfile"}
    assert "importance" not in plain.manifest.notes
    before, after = (
        {tensor.name: tensor.data.tobytes() for tensor in GGUFReader(made / "model.gguf").tensors}
        for made in (plain, weighed)
    )
    matrix = importance.read(weighed / "importance.gguf")
    assert {name for name in before if before[name] != after[name]} == set(matrix.columns)
    again = finish(export.run(plan_for(), tmp_path / "again"))
    assert again.manifest.content == weighed.manifest.content


def test_a_killed_export_does_not_measure_again(plan_for: Callable[..., Plan], tmp_path: Path) -> None:
    whole = finish(export.run(plan_for(), tmp_path / "whole"))
    work = export.run(plan_for(), tmp_path / "export")
    for _ in range(6):
        next(work)
    work.close()
    heard: list[Progress] = []
    resumed = finish(export.run(plan_for(), tmp_path / "export"), heard.append)
    assert heard[0].done > 3
    assert resumed.manifest.content == whole.manifest.content


def test_a_type_that_takes_no_heed_is_not_measured_and_the_notes_say_so(
    plan_for: Callable[..., Plan], tmp_path: Path
) -> None:
    made = finish(export.run(plan_for(quantization="q8_0"), tmp_path / "export"))
    assert set(made.manifest.files) == {"model.gguf", "Modelfile"}
    assert made.manifest.notes["importance"] == "not used: q8_0 takes no heed of it"


def test_too_little_memory_is_said_before_the_first_layer(
    plan_for: Callable[..., Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loresmith.models.memory.available_bytes", lambda: 300 << 20)
    monkeypatch.setattr("loresmith.export.activations.LIVE_INNER", 1 << 12)
    with pytest.raises(MachineError, match="which columns matter needs"):
        finish(export.run(plan_for(), tmp_path / "export"))
    assert not list(tmp_path.rglob("importance.gguf"))
