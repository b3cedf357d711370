import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith.cli.plan import command

QWEN = "Qwen/Qwen2.5-3B-Instruct"


def plan(*given: str) -> str:
    done = CliRunner().invoke(command, given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_plan_needs_no_project_and_no_download() -> None:
    said = plan("--model", QWEN, "--method", "qlora", "--memory", "12GB")
    assert "3,085,938,688, of which 29,933,568 are trained" in said
    assert "It fits" in said
    assert "qwen-research: for research" in said
    assert "Apache-2.0 instead: Qwen/Qwen3-4B" in said
    assert "peak VRAM" in said


def test_what_does_not_fit_is_told_what_to_change() -> None:
    said = plan("--model", "Qwen/Qwen2.5-7B-Instruct", "--memory", "12GB")
    assert "It does not fit" in said
    assert "change: --method qlora" in said


def test_the_rows_of_the_plan_add_up() -> None:
    found = json.loads(plan("--model", QWEN, "--memory", "24GB", "--tflops", "100", "--json"))
    parts = {name: size for name, size in found["peak"].items() if name != "total"}
    assert sum(parts.values()) == found["peak"]["total"]
    assert found["verdict"] in ("fits", "is tight", "does not fit")
    assert found["minutes"] > 0


def test_twice_the_rate_takes_half_the_minutes() -> None:
    slow, fast = (
        json.loads(plan("--model", QWEN, "--memory", "24GB", "--tflops", rate, "--json"))["minutes"]
        for rate in ("100", "200")
    )
    assert slow == pytest.approx(2 * fast)


def test_a_memory_without_a_rate_leaves_the_minutes_open() -> None:
    assert "say how fast the card is with --tflops" in plan("--model", QWEN, "--memory", "24GB")


def test_the_starter_is_planned_on_this_machine() -> None:
    said = plan("--model", "starter")
    assert "peak RAM" in said
    assert "already here" in said


def test_the_table_stands_beside_the_published_figures() -> None:
    said = plan("--table", "--max-length", "512")
    assert said.count("no room for") >= 9
    assert "12/24" in said
    assert len(json.loads(plan("--table", "--json"))) == 9


def test_a_recipe_that_cannot_run_yet_is_planned_all_the_same(repository: Path) -> None:
    said = plan(str(repository / "recipes" / "deepseek-papers.yaml"), "--memory", "12GB")
    assert "QLoRA r 16" in said
    assert "stages unknown" in said or "to be made" in said


def test_a_model_and_a_project_exclude_each_other(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(tmp_path), "--model", QWEN])
    assert done.exit_code != 0
    assert "without a project" in str(done.exception)


def test_a_small_project_is_advised_to_use_retrieval(tmp_path: Path) -> None:
    from loresmith.pipeline import open_project, run
    from loresmith.progress import finish

    documents = tmp_path / "documents"
    documents.mkdir()
    lines = [f"The valve V{n} opens at {n + 3} bar and closes at {n + 1} bar." for n in range(12)]
    (documents / "valves.md").write_text("# Valves\n\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"name: small\ndocuments: [{documents}]\n", encoding="utf-8")
    project = open_project(recipe, project=tmp_path / "project")
    project.save()
    finish(run(project, until="split"))
    said = plan(str(project.path))
    assert "Your corpus is too small to be worth training on: use retrieval" in said
    assert "fit whole into one prompt" in said
    assert "guides to fine-tuning ask for 1,000" in said
    found = json.loads(plan(str(project.path), "--json"))
    assert found["corpus"]["questions"] >= found["corpus"]["facts"] > 0
    assert not found["sizes"]["is_assumed"]
