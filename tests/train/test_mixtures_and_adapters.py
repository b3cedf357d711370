"""Whole runs with rows of others and with adapters of single domains, on a small random model."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from loresmith import artifact, train
from loresmith.artifact import DROPPED, Artifact, Plan
from loresmith.errors import NothingKept, UserError
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, SplitConfig, TrainConfig
from loresmith.recipe.settings import TrainSettings
from loresmith.records import Progress, Question
from loresmith.train import general_exam, methods

Run = Callable[..., Artifact]
DOMAINS = ("pumps", "valves")
ADAPTERS = [{"name": name, "documents": [f"{name}/*"]} for name in DOMAINS]


def question(number: int, domain: str) -> Question:
    return Question.model_validate({
        "id": f"q{number}", "fact": f"f{number}", "document": domain, "source": f"{domain}/a.md", "page": None,
        "chunk": "c", "quote": "q", "kind": "cell", "form": "short", "wording": 0,
        "question": f"What does part {number} of the {domain} weigh?", "answer": f"{number} kg", "options": (),
    })  # fmt: skip


def rows(count: int, word: str) -> list[dict[str, str]]:
    return [{"instruction": f"Say {word} {n}.", "input": "", "output": f"{word} {n}"} for n in range(count)]


def write(path: Path, given: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in given), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _short_exams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the questions on general ability say as much of a random model as all of them."""
    few = general_exam.questions()[:2]
    monkeypatch.setattr(general_exam, "questions", lambda: few)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    exam = {"instruction": question(90, "pumps").question, "input": "", "output": "x"}
    return {
        "rows/big": write(tmp_path / "big.jsonl", [*rows(30, "big"), exam]),
        "rows/replay": write(tmp_path / "general.jsonl", rows(3, "general")),
    }


@pytest.fixture
def plan_for(tmp_path: Path, tiny_model: Path, small_course: TrainConfig) -> Callable[..., Plan]:
    with artifact.create(tmp_path / "split", Plan("split", SplitConfig())) as draft:
        for number in range(12):
            draft.keep(question(number, DOMAINS[number % 2]), "train.jsonl")
        for number in (12, 13):
            draft.keep(question(number, DOMAINS[number % 2]), "validation.jsonl")
        draft.keep(question(90, "pumps"), "recall.jsonl")
    split = artifact.read(tmp_path / "split", made_by="split")

    def make(**changes: Any) -> Plan:
        given = small_course.model_dump() | {"max_length": 256, "num_train_epochs": 2, "forms": ("short",), **changes}
        settings = TrainSettings(model=ModelConfig(base=str(tiny_model)), train=TrainConfig.model_validate(given))
        return Plan("train", settings, parents={"split": split})

    return make


MIXED = {"mix": ["big.jsonl=0.5"], "replay": "general.jsonl=0.25"}


def test_every_example_is_counted_by_its_source(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path
) -> None:
    made = finish(train.run(plan_for(**MIXED), tmp_path / "adapter", files))
    own, big, replay = made.manifest.notes["mixture"]
    assert (own["name"], own["per_epoch"], own["seen"], own["distinct"]) == ("own questions", 12, 24, 12)
    assert (big["name"], big["per_epoch"], big["seen"], big["distinct"]) == ("big", 6, 12, 12)
    assert (replay["name"], replay["per_epoch"], replay["seen"], replay["distinct"]) == ("replay", 6, 12, 3)
    assert replay["share"] == 0.25
    assert big["rows"] == 31
    assert big["licenses"] == {"unknown": 12}
    assert made.manifest.counts["read"] == made.manifest.counts["kept"] + made.manifest.counts.get("dropped", 0)
    assert made.manifest.notes["steps"] == 12  # 24 examples an epoch, 4 a step


def test_a_row_of_an_exam_is_cut_out_of_the_whole_run(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path
) -> None:
    made = finish(train.run(plan_for(mix=["big.jsonl=3"]), tmp_path / "adapter", files))
    assert made.manifest.reasons == {"in an exam (recall.jsonl): equal": 1}
    (dropped,) = [json.loads(line) for line in (made / DROPPED).read_text().splitlines()]
    assert dropped["source"] == "big"
    assert dropped["question"] == question(90, "pumps").question


def test_a_mixture_goes_on_with_the_same_batches(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path
) -> None:
    plan = plan_for(**MIXED, curriculum=True)
    work = train.run(plan, tmp_path / "a", files)
    while next(work).done < 5:
        pass
    work.close()
    resumed = finish(train.run(plan, tmp_path / "a", files))
    whole = finish(train.run(plan, tmp_path / "b", files))
    assert resumed.manifest.content == whole.manifest.content
    shuffled = finish(train.run(plan_for(**MIXED), tmp_path / "c", files))
    assert shuffled.manifest.content != whole.manifest.content


def test_what_is_mixed_in_is_learned(plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path) -> None:
    plain = finish(train.run(plan_for(), tmp_path / "a"))
    mixed = finish(train.run(plan_for(mix=["big.jsonl=1"]), tmp_path / "b", files))
    assert "mixture" not in plain.manifest.notes
    assert mixed.manifest.notes["steps"] == 2 * plain.manifest.notes["steps"]


def test_each_adapter_learns_its_part_on_a_base_that_is_loaded_once(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    opened = methods.opened
    monkeypatch.setattr(methods, "opened", lambda *given: loaded.append(given) or opened(*given))
    adapters = [*ADAPTERS, {"name": "other", "sources": ["big"]}]
    made = finish(train.run(plan_for(**MIXED, adapters=adapters), tmp_path / "adapter", files))
    assert len(loaded) == 1
    told = made.manifest.notes["adapters"]
    assert list(told) == ["pumps", "valves", "other"]
    assert [part["name"] for part in told["pumps"]["mixture"]] == ["own questions", "replay"]
    assert told["pumps"]["mixture"][0]["distinct"] == 6
    assert [part["name"] for part in told["other"]["mixture"]] == ["big", "replay"]
    assert told["other"]["validation_conversations"] == 3  # a tenth of its rows watches it
    assert told["pumps"]["exams"] == 2  # one before, one after
    weights = {(made / name / "adapter_model.safetensors").read_bytes() for name in (*told, ".")}
    assert len(weights) == 4


def test_an_adapter_alone_is_the_same_as_beside_others(plan_for: Callable[..., Plan], tmp_path: Path) -> None:
    """The base that is used again is as it was before."""
    both = finish(train.run(plan_for(adapters=ADAPTERS), tmp_path / "a"))
    alone = finish(train.run(plan_for(adapters=ADAPTERS[1:]), tmp_path / "b"))
    plain = finish(train.run(plan_for(), tmp_path / "c"))
    name = "adapter_model.safetensors"
    assert (both / "valves" / name).read_bytes() == (alone / "valves" / name).read_bytes()
    assert (both / name).read_bytes() == (plain / name).read_bytes()


def test_a_run_of_several_adapters_that_is_given_up_anywhere_ends_the_same(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path
) -> None:
    plan = plan_for(**MIXED, adapters=ADAPTERS)
    seen: list[Progress] = []
    whole = finish(train.run(plan, tmp_path / "whole", files), seen.append)
    lot = random.Random(11)
    attempts = 0
    for stop in sorted(lot.sample(range(2, len(seen)), 4)):
        work = train.run(plan, tmp_path / "a", files)
        for _ in range(stop):
            try:
                next(work)
            except StopIteration:
                break
        attempts += 1
        work.close()
    resumed = finish(train.run(plan, tmp_path / "a", files))
    assert attempts == 4
    assert resumed.manifest.content == whole.manifest.content
    assert resumed.manifest.notes == whole.manifest.notes


def test_finished_adapters_are_not_trained_again(plan_for: Callable[..., Plan], tmp_path: Path) -> None:
    plan = plan_for(adapters=ADAPTERS)
    work = train.run(plan, tmp_path / "a")
    while not next(work).note.startswith("valves: loss"):
        pass
    work.close()
    seen: list[Progress] = []
    finish(train.run(plan, tmp_path / "a"), seen.append)
    assert not [step for step in seen if step.note.startswith("pumps")]
    assert [step for step in seen if step.note.startswith("valves")]


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_peft_loads_each_of_them_by_name(plan_for: Callable[..., Plan], tmp_path: Path, network: Any) -> None:
    from peft import PeftModel

    made = finish(train.run(plan_for(adapters=ADAPTERS), tmp_path / "adapter"))
    model = PeftModel.from_pretrained(network, str(made.path))
    for name in DOMAINS:
        model.load_adapter(str(made / name), adapter_name=name)
    ids = torch.arange(7, 27)[None]
    said = {}
    for name in ("default", *DOMAINS):
        model.set_adapter(name)
        said[name] = model(ids).logits
    assert not torch.equal(said["pumps"], said["valves"])
    assert not torch.equal(said["pumps"], said["default"])


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"adapters": ["gears=gears/*"]}, NothingKept, r"adapter gears \(gears/\*\)"),
        ({"mix": ["big.jsonl"], "max_length": 40}, NothingKept, "None of the"),
        ({"trainer": "trl", "mix": ["big.jsonl"]}, UserError, "train.mix is not built for"),
    ],
)
def test_what_cannot_be_learned_is_one_error(
    plan_for: Callable[..., Plan],
    files: dict[str, Path],
    tmp_path: Path,
    changes: dict[str, Any],
    error: type[UserError],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        finish(train.run(plan_for(**changes), tmp_path / "adapter", files))


def test_benchmarks_that_the_recipe_names_are_exams_too(
    plan_for: Callable[..., Plan], files: dict[str, Path], tmp_path: Path
) -> None:
    asked = [{"question": f"Say big {n}, please, as loudly as you can.", "answer": "no"} for n in range(3)]
    said = [{"instruction": one["question"], "input": "", "output": "big"} for one in asked]
    files["rows/big"] = write(tmp_path / "big.jsonl", [*said, *rows(9, "big")])
    files["benchmark/mmlu/test.jsonl"] = write(tmp_path / "test.jsonl", asked)
    made = finish(train.run(plan_for(mix=["big.jsonl=2"]), tmp_path / "adapter", files))
    assert made.manifest.reasons == {"in an exam (benchmark/mmlu/test.jsonl): equal": 3}
