"""The benchmarks that a recipe asks for: a whole stage on the random model, and what gate and report make of it."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.benchmark import Examinee, floors, run
from loresmith.benchmark.floors import General
from loresmith.benchmark.results import Mark
from loresmith.compare import contests, gate
from loresmith.compare.benchmark_folder import asked_in, benchmark_folders
from loresmith.compare.reading import read
from loresmith.errors import UserError
from loresmith.models.language import LanguageModel
from loresmith.progress import finish
from loresmith.recipe import AskedBenchmark, ModelConfig
from loresmith.recipe.benchmark import BenchmarkConfig
from loresmith.recipe.settings import BenchmarkSettings
from tests.benchmark import papers

ARC = AskedBenchmark(name="arc_challenge", limit=20)
EASY = AskedBenchmark(name="arc_easy", few_shot=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("data")
    challenge = papers.arc(folder / "arc")
    shutil.copy(challenge, folder / "easy.jsonl")
    return {
        "arc_challenge/arc/ARC-Challenge-Test.jsonl": challenge,
        "arc_easy/data/easy.jsonl": folder / "easy.jsonl",
    }


def plan_of(model: Path, adapter: Artifact, *asked: AskedBenchmark) -> Plan:
    settings = BenchmarkSettings(model=ModelConfig(base=str(model)), benchmarks=asked, bootstrap_samples=1000)
    return Plan("benchmark", settings, {"train": adapter})


@pytest.fixture(scope="module")
def made(
    tiny_model: Path, adapter: Artifact, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Artifact:
    target = tmp_path_factory.mktemp("project") / "exam-benchmarks"
    return finish(floors.run(plan_of(tiny_model, adapter, ARC, EASY), target, files))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each call of the model weighed."""
    found: list[int] = []
    plain = LanguageModel.loglikelihood

    def counted(self: LanguageModel, pairs: Sequence[Any]) -> list[float]:
        found.append(len(pairs))
        return plain(self, pairs)

    monkeypatch.setattr(LanguageModel, "loglikelihood", counted)
    return found


def general_of(made: Artifact) -> General:
    return General.model_validate_json((made / "results.json").read_bytes())


def test_each_benchmark_has_its_figures_before_and_after_and_its_rule(made: Artifact) -> None:
    arc, easy = general_of(made).benchmarks
    assert [one.task for one in (arc, easy)] == ["arc_challenge", "arc_easy"]
    assert (arc.asked, arc.limit, arc.available, arc.compared.metric) == (20, 20, 36, "acc_norm")
    assert (easy.asked, easy.limit, easy.few_shot, easy.compared.metric) == (36, None, 1, "acc_norm")
    for one in (arc, easy):
        assert one.compared.difference.value == pytest.approx(one.after.value.value - one.before.value.value, abs=1e-5)
        assert one.rule.before.value == one.before.value.value
        assert one.rule.difference.value == one.compared.difference.value
    assert made.manifest.counts["kept"] == 2 * (20 + 36)
    assert made.manifest.notes["headline"] == general_of(made).headline


def test_every_mark_setting_and_hash_lies_in_the_benchmark_s_own_folder(made: Artifact, files: dict[str, Path]) -> None:
    assert {"arc_challenge/rows.jsonl", "arc_easy/rows.jsonl", "arc_easy/results.json"} <= made.manifest.files.keys()
    told = json.loads((made / "arc_easy" / "results.json").read_bytes())
    assert told["setting"]["few_shot"] == 1
    assert [read["sha256"] for read in told["data"]["files"]] == [artifact.hash_file(files["arc_easy/data/easy.jsonl"])]


def test_one_more_benchmark_asks_nothing_again(
    made: Artifact, tiny_model: Path, adapter: Artifact, files: dict[str, Path], tmp_path: Path, calls: list[int]
) -> None:
    target = tmp_path / "exam-benchmarks"
    finish(floors.run(plan_of(tiny_model, adapter, ARC), target, files))
    assert len(calls) == 2
    both = finish(floors.run(plan_of(tiny_model, adapter, ARC, EASY), target, files))
    assert len(calls) == 4
    assert both.manifest.content == made.manifest.content


def test_what_was_asked_by_hand_is_taken(
    tiny_model: Path, adapter: Artifact, files: dict[str, Path], tmp_path: Path, calls: list[int],
    examinee: Callable[..., Examinee],
) -> None:  # fmt: skip
    config = BenchmarkConfig(tasks=("arc_challenge",), data=tuple(map(str, files.values())), bootstrap_samples=1000)
    finish(run(examinee(adapter), config, tmp_path / "benchmarks"))
    before = len(calls)
    plan = plan_of(tiny_model, adapter, ARC.model_copy(update={"limit": None}))
    finish(floors.run(plan, tmp_path / "exam-benchmarks", files))
    assert len(calls) == before


def test_the_gate_reads_each_arm(made: Artifact) -> None:
    assert asked_in(made.path.parent) == made.path
    old, new = read(made.path, "base"), read(made.path, "lora+rag")
    assert [(sheet.name, sheet.measure) for sheet in old.sheets] == [
        ("arc_challenge", "acc_norm"), ("arc_challenge", "acc"), ("arc_easy", "acc_norm"), ("arc_easy", "acc"),
    ]  # fmt: skip
    marks = {arm: [m for m in made.rows(Mark, "arc_challenge/rows.jsonl") if m.arm == arm] for arm in ("base", "lora")}
    assert [mark.score for mark in new.sheets[0].marks] == [mark.scores["acc_norm"] for mark in marks["lora"]]
    assert [mark.score for mark in old.sheets[0].marks] == [mark.scores["acc_norm"] for mark in marks["base"]]
    held = contests.general([old], [new])
    assert [contest.name for contest in held] == ["arc_challenge", "arc_easy"]


def test_scores_under_other_settings_are_not_compared(
    made: Artifact, tiny_model: Path, adapter: Artifact, files: dict[str, Path], tmp_path: Path
) -> None:
    other = plan_of(tiny_model, adapter, EASY.model_copy(update={"few_shot": 2}))
    changed = finish(floors.run(other, tmp_path / "exam-benchmarks", files))
    one = [folder for folder in benchmark_folders(made.path) if folder.name == "arc_easy"]
    with pytest.raises(UserError, match="few_shot: 1 → 2"):
        contests.general([read(one[0], "base")], [read(changed.path / "arc_easy", "lora")])


def test_a_model_that_was_asked_alone_has_no_trained_arm(made: Artifact, tmp_path: Path) -> None:
    folder = tmp_path / "arc_challenge"
    shutil.copytree(made / "arc_challenge", folder)
    rows = [line for line in (folder / "rows.jsonl").read_text().splitlines(keepends=True) if '"arm":"base"' in line]
    with artifact.create(tmp_path / "alone", Plan("benchmark", BenchmarkConfig())) as draft:
        (draft.path / "rows.jsonl").write_text("".join(rows), encoding="utf-8")
        shutil.copy(folder / "results.json", draft.path / "results.json")
    with pytest.raises(UserError, match="not asked with the adapter"):
        read(tmp_path / "alone", "lora")
    assert len(read(tmp_path / "alone").sheets[0].marks) == 20


def test_a_fall_below_the_floor_forbids_shipping_with_its_interval(made: Artifact, tmp_path: Path) -> None:
    with artifact.create(tmp_path / "fallen", Plan("benchmark", BenchmarkConfig())) as draft:
        for mark in made.rows(Mark, "arc_challenge/rows.jsonl"):
            draft.keep(mark.model_copy(update={"scores": dict.fromkeys(mark.scores, float(mark.arm == "base"))}))
        shutil.copy(made / "arc_challenge" / "results.json", draft.path / "results.json")
    (rule,) = gate.floors(contests.general(*([read(tmp_path / "fallen", arm)] for arm in ("base", "lora"))), 0.95)
    arc = general_of(made).benchmarks[0].model_copy(update={"rule": rule})
    outcome, headline = floors.concluded([arc], 0.95)
    assert outcome == "broken"
    assert headline.startswith("Do not ship the adapter: arc_challenge fell by 100.0 [")
    assert headline.endswith("] points, below 95% of 100.0%.")
