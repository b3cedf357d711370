import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith.cli.plan import command
from loresmith.sizing.known import SHAPES

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


def test_a_configuration_without_a_card_is_known_by_its_sizes(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(SHAPES["Qwen/Qwen2.5-3B"]), encoding="utf-8")
    said = plan("--model", str(config), "--memory", "12GB")
    assert "Licence: not stated" in said
    assert "sizes are those of Qwen/Qwen2.5-3B, whose licence is qwen-research: for research" in said
    assert "Apache-2.0 instead: Qwen/Qwen3-4B" in said


def test_full_training_is_planned_as_it_is_done() -> None:
    said = plan("--model", QWEN, "--method", "full", "--memory", "80GB", "--dtype", "float32")
    assert "3,085,938,688, all trained" in said
    assert "bfloat16 (products; the weights are in float32)" in said
    assert "16-bit copy" in said
    alone = plan("--model", QWEN, "--method", "full", "--memory", "80GB", "--device", "cpu")
    assert "float32 (full training trains no other weights)" in alone
    assert "16-bit copy" not in alone


def test_the_precision_on_a_machine_that_is_not_here_is_called_assumed() -> None:
    on_gpu, on_cpu = (plan("--model", QWEN, "--memory", "24GB", "--device", device) for device in ("cuda", "cpu"))
    assert "bfloat16 (assumed; float16 where a card lacks it)" in on_gpu
    assert "float32 (assumed; training races there)" in on_cpu
    assert "assumed;" not in plan("--model", QWEN, "--memory", "24GB", "--dtype", "float16")


def test_code_for_products_is_counted_on_a_cpu_in_16_bits_alone() -> None:
    said = {
        (device, dtype): "compiled" in plan("--model", QWEN, "--memory", "24GB", "--device", device, "--dtype", dtype)
        for device in ("cpu", "cuda")
        for dtype in ("float32", "bfloat16")
    }
    assert [case for case, is_said in said.items() if is_said] == [("cpu", "bfloat16")]


def test_another_engine_is_said_to_compute_in_its_own_way() -> None:
    assert "trl computes in its own way" in plan("--model", QWEN, "--memory", "24GB", "--trainer", "trl")


def test_what_does_not_fit_is_told_what_to_change() -> None:
    said = plan("--model", "Qwen/Qwen2.5-7B-Instruct", "--memory", "12GB")
    assert "It does not fit" in said
    assert "change: --method qlora" in said


def test_the_rows_of_the_plan_add_up() -> None:
    found = json.loads(plan("--model", QWEN, "--memory", "24GB", "--tflops", "100", "--json"))
    parts = {name: size for name, size in found["peak"].items() if name not in ("total", "work")}
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
    assert json.loads(plan("--model", "starter", "--json"))["disk"]["download"] == 0


def test_the_table_stands_beside_the_published_figures() -> None:
    said = plan("--table", "--max-length", "512")
    assert said.count("no room for") >= 9
    assert "12/24" in said
    assert len(json.loads(plan("--table", "--json"))) == 9


def test_a_recipe_that_cannot_run_yet_is_planned_all_the_same(repository: Path) -> None:
    recipe = str(repository / "recipes" / "deepseek-papers.yaml")
    said = plan(recipe, "--memory", "12GB")
    assert said.rstrip().endswith(f"Next: loresmith run {recipe}")
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
    retrieval = f"loresmith run {project.path} --until index, then loresmith ask {project.path} 'QUESTION' --with none"
    assert said.rstrip().endswith(f"Next: {retrieval}")
    found = json.loads(plan(str(project.path), "--json"))
    assert found["corpus"]["questions"] >= found["corpus"]["facts"] > 0
    assert not found["sizes"]["is_assumed"]
