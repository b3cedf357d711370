"""The runner over its first two stages, which need no model."""

import json
from pathlib import Path

import pytest

from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import Project, Step, journey, run, run_one, stage, survey
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, EvaluateConfig, IndexConfig, ModelConfig, Recipe, SplitConfig

TEXT = "# Valves\n\nThe relief valve opens at 4 bar. It is made of brass.\n\n## Springs\n\nThe spring holds 12 N.\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "valves.md").write_text(TEXT)
    return Project(tmp_path / "p", Recipe(name="x", documents=(str(tmp_path / "docs"),)))


def states(steps: list[Step]) -> dict[str, str]:
    return {step.stage.name: step.state.kind for step in steps}


def test_a_second_run_does_no_work(project: Project) -> None:
    first = finish(run(project, until="chunk"))
    assert states(first) == {"ingest": "missing", "chunk": "missing"}
    before = (project.path / "chunks" / "manifest.json").stat().st_mtime_ns
    assert states(finish(run(project, until="chunk"))) == {"ingest": "fresh", "chunk": "fresh"}
    assert (project.path / "chunks" / "manifest.json").stat().st_mtime_ns == before


def test_a_new_document_makes_what_rests_on_it_anew(project: Project, tmp_path: Path) -> None:
    finish(run(project, until="chunk"))
    (tmp_path / "docs" / "pumps.md").write_text("# Pumps\n\nThe pump lifts 30 litres a minute to the tank.\n")
    steps = finish(run(project, until="chunk"))
    assert [(step.state.kind, step.state.why) for step in steps] == [
        ("stale", "pumps.md is new"), ("stale", "ingest was made anew")
    ]  # fmt: skip


def test_a_setting_of_one_stage_leaves_the_stages_before_it_fresh(project: Project) -> None:
    finish(run(project, until="chunk"))
    smaller = project.recipe.model_copy(update={"chunk": ChunkConfig(size=300)})
    steps = finish(run(Project(project.path, smaller), until="chunk"))
    assert states(steps) == {"ingest": "fresh", "chunk": "stale"}
    assert steps[1].state.why == "size 900 → 300"


def test_one_stage_alone_needs_its_parents(project: Project) -> None:
    with pytest.raises(ArtifactMissing, match="loresmith ingest"):
        finish(run_one(project, "chunk"))
    finish(run_one(project, "ingest"))
    assert finish(run_one(project, "chunk")).state.kind == "missing"


def test_one_stage_alone_refuses_a_stale_parent_and_names_the_command(project: Project) -> None:
    finish(run(project, until="chunk"))
    smaller = Project(project.path, project.recipe.model_copy(update={"chunk": ChunkConfig(size=300)}))
    with pytest.raises(UserError, match="size 900 → 300") as caught:
        finish(run_one(smaller, "generate"))
    assert "loresmith chunk" in caught.value.next_step


def test_a_damaged_parent_is_made_anew_by_a_run(project: Project) -> None:
    finish(run(project, until="chunk"))
    rows = project.path / "documents" / "rows.jsonl"
    rows.write_text(rows.read_text().replace("brass", "steel"))
    steps = finish(run(project, until="chunk"))
    assert states(steps) == {"ingest": "corrupt", "chunk": "fresh"}
    assert "brass" in json.loads(rows.read_text())["text"]


def test_a_survey_works_on_nothing_and_says_what_waits(project: Project) -> None:
    assert [(s.state.kind, s.state.why) for s in survey(project)][:2] == [
        ("missing", "not made yet"), ("missing", "waits for ingest")
    ]  # fmt: skip
    assert not project.path.exists()
    finish(run(project, until="chunk"))
    assert states(list(survey(project)))["chunk"] == "fresh"


def test_a_model_that_is_not_there_stops_a_run_before_any_work(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    wrong = project.recipe.model_copy(update={"model": ModelConfig(base=str(tmp_path / "empty"))})
    with pytest.raises(UserError, match=r"no config\.json"):
        finish(run(Project(project.path, wrong)))
    assert not project.path.exists()
    finish(run(Project(project.path, wrong), until="chunk"))  # these stages need no model


@pytest.fixture
def guarded(project: Project, tmp_path: Path) -> Project:
    """A project whose training rows may not stand in a benchmark."""
    bench = tmp_path / "bench" / "test.jsonl"
    bench.parent.mkdir()
    bench.write_text('{"question": "At how many bar does the relief valve of the boiler open?"}\n')
    lines = (
        f"The gauge {name} reads {number} bar at noon. The pump {name} weighs {number + 50} kg when it is dry.\n\n"
        for number, name in enumerate(("alder", "birch", "cedar", "elder", "hazel", "juniper", "larch", "maple"), 11)
    )
    (tmp_path / "docs" / "valves.md").write_text("# Valves\n\n" + "".join(lines))
    split = SplitConfig(decontaminate_against=(str(bench),))
    return Project(project.path, project.recipe.model_copy(update={"split": split}))


def test_a_changed_benchmark_makes_the_split_anew_and_is_named(guarded: Project, tmp_path: Path) -> None:
    assert states(finish(run(guarded, until="split")))["split"] == "missing"
    assert states(finish(run(guarded, until="split")))["split"] == "fresh"
    bench = tmp_path / "bench" / "test.jsonl"
    bench.write_text(bench.read_text() + '{"question": "At how many bar does the safety valve open?"}\n')
    survived = {step.stage.name: step.state for step in survey(guarded)}
    assert (survived["split"].kind, survived["split"].why) == ("stale", "bench/test.jsonl changed")
    steps = finish(run(guarded, until="split"))
    assert states(steps) == {"ingest": "fresh", "chunk": "fresh", "generate": "fresh", "split": "stale"}


def test_where_a_benchmark_lies_does_not_matter(guarded: Project, tmp_path: Path) -> None:
    finish(run(guarded, until="split"))
    moved = tmp_path / "elsewhere" / "bench"
    moved.parent.mkdir()
    (tmp_path / "bench").rename(moved)
    split = SplitConfig(decontaminate_against=(str(moved / "test.jsonl"),))
    there = Project(guarded.path, guarded.recipe.model_copy(update={"split": split}))
    assert states(finish(run(there, until="split")))["split"] == "fresh"
    assert str(tmp_path) not in (guarded.path / "split" / "manifest.json").read_text()


def test_a_missing_benchmark_stops_a_run_before_any_work(guarded: Project, tmp_path: Path) -> None:
    (tmp_path / "bench" / "test.jsonl").unlink()
    with pytest.raises(UserError, match="no benchmark at"):
        finish(run(guarded, until="split"))
    assert not guarded.path.exists()


def test_a_verb_after_the_split_needs_the_benchmark_no_more(guarded: Project, tmp_path: Path) -> None:
    finish(run(guarded, until="split"))
    bench = tmp_path / "bench" / "test.jsonl"
    bench.write_text('{"question": "Another one?"}\n')
    evaluate = stage("evaluate")
    with pytest.raises(UserError, match=r"bench/test\.jsonl changed"):
        finish(run_one(guarded, evaluate.name))
    bench.unlink()
    with pytest.raises(ArtifactMissing, match="loresmith index"):
        finish(run_one(guarded, evaluate.name))


def further(project: Project, *arms: str) -> Project:
    evaluate = project.recipe.evaluate.model_copy(update={"further": arms})
    return Project(project.path, project.recipe.model_copy(update={"evaluate": evaluate}))


def test_a_stage_that_the_recipe_does_not_ask_for_is_no_part_of_the_journey(project: Project) -> None:
    names = [[stage.name for stage in journey(further(project, *arms))] for arms in ((), ("gguf+rag",), ("endpoint",))]
    assert [{"gguf", "endpoint"} & set(stages) for stages in names] == [set(), {"gguf"}, {"endpoint"}]
    assert [step.stage.name for step in survey(further(project, "gguf"))] == names[1]
    with pytest.raises(UserError, match="no stage 'gguf'"):
        finish(run(project, until="gguf"))


def test_the_report_waits_for_the_arms_that_the_recipe_asks_for(project: Project) -> None:
    def parents(project: Project) -> set[str]:
        return set(stage("report").parents_in(project))

    assert parents(further(project, "gguf")) - parents(project) == {"gguf"}
    waiting = {step.stage.name: step.state.why for step in survey(further(project, "endpoint"))}
    assert waiting["report"].endswith(", endpoint")


def test_further_arms_change_nothing_in_the_exam_before_and_each_stage_knows_its_own(project: Project) -> None:
    asked = further(project, "gguf", "endpoint+rag")
    for name in ("evaluate", "parity"):
        assert stage(name).settings(asked) == stage(name).settings(project)
    told = {name: stage(name).settings(asked).model_dump()["evaluate"]["further"] for name in ("gguf", "endpoint")}
    assert told == {"gguf": ("gguf",), "endpoint": ("endpoint+rag",)}


def test_an_error_names_the_verb_that_makes_a_stage() -> None:
    assert [stage(name).made_by for name in ("train", "parity", "gguf", "endpoint")] == [
        "train", "export", "evaluate", "evaluate"
    ]  # fmt: skip


def test_the_report_reads_the_benchmarks_that_are_finished_alone(project: Project) -> None:
    files = stage("report").files
    assert files is not None
    assert files(project) == {}
    for task, names in {"sciq": ("results.json", "manifest.json"), "killed": ("results.json",)}.items():
        (project.path / "benchmarks" / task).mkdir(parents=True)
        for name in names:
            (project.path / "benchmarks" / task / name).write_text("{}", encoding="utf-8")
    assert files(project) == {"benchmarks/sciq": project.path / "benchmarks" / "sciq" / "results.json"}


def test_an_index_that_is_tuned_waits_for_the_split(tmp_path: Path) -> None:
    plain = Project(tmp_path, Recipe(name="x"))
    tuned = Project(tmp_path, Recipe(name="x", index=IndexConfig(tune=True)))
    assert stage("index").parents_in(plain) == ("chunk",)
    assert stage("index").parents_in(tuned) == ("chunk", "split")


def with_benchmarks(project: Project, *asked: str) -> Project:
    evaluate = EvaluateConfig.model_validate({"benchmarks": asked})
    return Project(project.path, project.recipe.model_copy(update={"evaluate": evaluate}))


def test_benchmarks_are_a_stage_where_the_recipe_asks_for_some_and_leave_the_exam_as_it_is(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "easy.jsonl").write_text("{}\n")
    asking = with_benchmarks(project, f"arc_easy={tmp_path / 'easy.jsonl'}")
    assert "benchmark" not in [current.name for current in journey(project)]
    assert [current.name for current in journey(asking)][6:8] == ["evaluate", "benchmark"]
    assert stage("evaluate").settings(asking) == stage("evaluate").settings(project)
    benchmark = stage("benchmark")
    assert benchmark.files is not None
    assert list(benchmark.files(asking)) == [f"arc_easy/{tmp_path.name}/easy.jsonl"]
    assert str(tmp_path) not in benchmark.settings(asking).model_dump_json()
    assert str(tmp_path) not in stage("report").settings(asking).model_dump_json()
    assert "benchmark" in stage("report").parents_in(asking)


@pytest.mark.parametrize(("asked", "problem"), [("arc_eazy", "Did you mean 'arc_easy'"), ("arc_easy=gone", "gone")])
def test_a_benchmark_that_is_not_there_is_said_before_any_work(project: Project, asked: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        finish(run(with_benchmarks(project, asked)))
    assert not (project.path / "documents").exists()
