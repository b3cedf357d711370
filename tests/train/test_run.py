from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from loresmith import artifact, train
from loresmith.artifact import DROPPED, MANIFEST, Artifact, Plan
from loresmith.errors import NothingKept, UserError
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, ModelConfig, SplitConfig, TrainConfig
from loresmith.recipe.settings import TrainSettings
from loresmith.records import Chunk, Progress, Question
from loresmith.train.log import NAME, lines

MakePlan = Callable[..., Plan]


def question(number: int, form: str = "short", words: str = "") -> Question:
    return Question.model_validate({
        "id": f"q{number}", "fact": f"f{number}", "document": "d", "source": "a.md", "page": None, "chunk": "c",
        "quote": "q", "kind": "cell", "form": form, "wording": 0, "question": f"What does {number} weigh?{words}",
        "answer": f"{number} kg", "options": (f"{number} kg", "none") if form == "choice" else (),
    })  # fmt: skip


def split_of(folder: Path, train: Sequence[Question], validation: Sequence[Question]) -> Artifact:
    with artifact.create(folder, Plan("split", SplitConfig())) as draft:
        for row in train:
            draft.keep(row, "train.jsonl")
        for row in validation:
            draft.keep(row, "validation.jsonl")
    return artifact.read(folder, made_by="split")


@pytest.fixture
def a_chunk() -> Chunk:
    text = "Item 3 weighs 3 kg."
    return Chunk(
        id="c", document="d", source="a.md", title="A", headings=(), page=None, start=0, end=len(text), kind="prose",
        text=text,
    )  # fmt: skip


@pytest.fixture
def plan_for(tmp_path: Path, tiny_model: Path, small_course: TrainConfig) -> MakePlan:
    def make(train: Sequence[Question], validation: Sequence[Question] = (), **changes: object) -> Plan:
        settings = TrainSettings(
            model=ModelConfig(base=str(tiny_model)),
            train=small_course.model_copy(update={"max_length": 256, "num_train_epochs": 2, **changes}),
        )
        return Plan("train", settings, parents={"split": split_of(tmp_path / "split", train, validation)})

    return make


def test_a_whole_run_leaves_adapter_log_and_curve(plan_for: MakePlan, tmp_path: Path) -> None:
    plan = plan_for([question(n) for n in range(9)], [question(n) for n in range(9, 12)])
    seen: list[Progress] = []
    made = finish(train.run(plan, tmp_path / "adapter"), seen.append)
    assert sorted(path.name for path in made.path.iterdir()) == sorted(
        ["adapter_config.json", "adapter_model.safetensors", "log.jsonl", "loss.svg", MANIFEST]
    )
    assert made.manifest.counts == {"kept": 12, "read": 12}
    assert made.manifest.notes["conversations"] == 9
    assert made.manifest.notes["last_validation_loss"] is not None
    assert (seen[-1].done, seen[-1].total) == (6, 6)
    assert "loss" in seen[-1].note


def test_the_same_plan_gives_the_same_content(plan_for: MakePlan, tmp_path: Path) -> None:
    plan = plan_for([question(n) for n in range(5)])
    content = {finish(train.run(plan, tmp_path / name)).manifest.content for name in ("a", "b")}
    assert len(content) == 1


def test_a_run_that_was_given_up_goes_on_and_ends_the_same(plan_for: MakePlan, tmp_path: Path) -> None:
    plan = plan_for([question(n) for n in range(9)] + [question(99, words=" long" * 200)])
    work = train.run(plan, tmp_path / "a")
    while next(work).done < 4:
        pass
    work.close()
    assert not (tmp_path / "a").exists()
    seen: list[Progress] = []
    resumed = finish(train.run(plan, tmp_path / "a"), seen.append)
    assert seen[1].done == 3  # the checkpoint, not the start
    whole = finish(train.run(plan, tmp_path / "b"))
    assert resumed.manifest.content == whole.manifest.content
    assert resumed.manifest.counts == whole.manifest.counts == {"kept": 9, "dropped": 1, "read": 10}
    assert len((resumed / DROPPED).read_text().splitlines()) == 1


def test_only_the_wanted_forms_are_trained(plan_for: MakePlan, tmp_path: Path) -> None:
    plan = plan_for([question(1), question(2, "choice"), question(3, "choice")], forms=("choice",))
    assert finish(train.run(plan, tmp_path / "a")).manifest.notes["conversations"] == 2


def test_too_long_a_conversation_is_dropped_with_its_reason(plan_for: MakePlan, tmp_path: Path) -> None:
    made = finish(train.run(plan_for([question(1), question(2, words=" so" * 300)]), tmp_path / "a"))
    assert made.manifest.reasons == {"longer than train.max_length (256 tokens)": 1}


@pytest.mark.parametrize("changes", [{"forms": ("choice",)}, {"max_length": 32}])
def test_nothing_to_learn_from_is_a_failure_and_keeps_the_old_adapter(
    plan_for: MakePlan, tmp_path: Path, changes: dict[str, object]
) -> None:
    before = finish(train.run(plan_for([question(1)]), tmp_path / "a"))
    with pytest.raises(NothingKept, match="None of the"):
        finish(train.run(plan_for([question(1)], **changes), tmp_path / "a"))
    assert artifact.read(tmp_path / "a", made_by="train").manifest == before.manifest


def test_an_unknown_trainer_is_named(plan_for: MakePlan, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="axolotl"):
        finish(train.run(plan_for([question(1)], trainer="axolotl"), tmp_path / "a"))


def test_a_share_of_the_questions_is_asked_with_sources_as_well(
    plan_for: MakePlan, tmp_path: Path, a_chunk: Chunk
) -> None:
    plan = plan_for([question(n) for n in range(12)], [question(n) for n in range(12, 15)], open_book=0.5)
    with artifact.create(tmp_path / "chunks", Plan("chunk", ChunkConfig())) as draft:
        draft.keep(a_chunk)
    chunks = artifact.read(tmp_path / "chunks", made_by="chunk")
    plan = replace(plan, parents={**plan.parents, "chunk": chunks})
    made = finish(train.run(plan, tmp_path / "adapter"))
    assert 12 < made.manifest.notes["conversations"] < 24
    assert made.manifest.counts["kept"] == made.manifest.counts["read"] == made.manifest.notes["conversations"] + 3


def test_validation_after_each_epoch_is_counted_in_its_steps(plan_for: MakePlan, tmp_path: Path) -> None:
    plan = plan_for([question(n) for n in range(9)], [question(9)], eval_strategy="epoch", eval_steps=1)
    finish(train.run(plan, tmp_path / "adapter"))
    watched = [line["step"] for line in lines(tmp_path / "adapter" / NAME) if "validation_loss" in line]
    assert watched == [0, 3, 6]  # 9 questions at 4 a step, two epochs
