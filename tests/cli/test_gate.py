import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.cli.compare import command as compare_command
from loresmith.cli.gate import command
from loresmith.compare.benchmark_folder import Row as Line
from loresmith.errors import UserError
from loresmith.recipe import GateConfig
from tests.compare.conftest import written_exam

NOTHING = [False] * 100
HALF = [True, False] * 50


def run(*given: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in given])


@pytest.fixture
def write_exam() -> Callable[..., Path]:
    return written_exam


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The adapter is far better than the base; with sources it is no better than without."""
    return written_exam(tmp_path / "new", {"base": NOTHING, "lora": HALF, "lora+rag": HALF})


def test_a_better_version_ends_with_0_and_one_that_is_not_with_1(project: Path, tmp_path: Path) -> None:
    better = run(project)
    assert better.exit_code == 0
    assert better.stdout.startswith("Promote: better by +50.0 [")
    same = run(project, "--baseline", written_exam(tmp_path / "old", {"lora+rag": HALF}))
    assert same.exit_code == 1
    assert same.stdout.startswith("Do not ship: a gain of 5 points is ruled out")


def test_the_rules_of_the_recipe_hold_and_flags_come_before_them(project: Path) -> None:
    (project / "recipe.yaml").write_text("name: x\ngate: {min_improvement: 0.9}\n", encoding="utf-8")
    assert run(project).exit_code == 1
    assert run(project, "--min-improvement", "0.3").exit_code == 0


def test_an_arm_can_be_chosen_for_each_version(project: Path) -> None:
    assert run(project, "--arm", "lora+rag", "--baseline-arm", "lora").exit_code == 1
    assert run(project, "--arm", "lora", "--baseline-arm", "base").exit_code == 0


def asked_benchmarks(folder: Path) -> None:
    """Benchmarks that the recipe asked: the base has everything right, the adapter nothing."""
    results = {"task": "gsm8k", "model": "m", "setting": {"few_shot": 5}}
    for target, content in ((folder, {}), (folder / "gsm8k", results)):
        with artifact.create(target, Plan("benchmark", GateConfig())) as draft:
            for arm in ("base", "lora"):
                for place in range(100 if content else 0):
                    row = {"question": str(place), "arm": arm, "subject": "", "scores": {"acc": arm == "base"}}
                    draft.keep(Line.model_validate(row))
            (draft.path / "results.json").write_text(json.dumps(content), encoding="utf-8")


def test_benchmarks_that_the_recipe_asked_count_without_being_named(project: Path) -> None:
    asked_benchmarks(project / "exam-benchmarks")
    found = run(project)
    assert found.exit_code == 1
    assert found.stdout.startswith("Do not ship: gsm8k fell by 100.0 [")


def test_they_are_held_against_the_other_version_s_and_never_against_themselves(project: Path, tmp_path: Path) -> None:
    asked_benchmarks(project / "exam-benchmarks")
    old = written_exam(tmp_path / "old", {"base": NOTHING, "lora+rag": NOTHING})
    alone = run(project, "--baseline", old)
    assert "No general benchmark was compared" in alone.stdout
    asked_benchmarks(old / "exam-benchmarks")
    both = run(project, "--baseline", old)
    assert "gsm8k keeps 95% of 0.0%" in both.stdout  # both adapters have nothing right


def test_benchmarks_of_both_arms_may_stand_in_one_file(project: Path, tmp_path: Path) -> None:
    rows = [
        {"benchmark": "gsm8k", "id": i, "arm": arm, "correct": arm == "base" or i % 2 == 0}
        for arm in ("base", "lora+rag")
        for i in range(100)
    ]
    marks = tmp_path / "marks.jsonl"
    marks.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    done = run(project, "--general", marks, "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert found["decision"] == "keep"
    assert found["headline"].startswith("Do not ship: gsm8k fell by 50.0 [")


def test_bad_input_ends_with_2_and_one_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loresmith.cli", "gate", str(tmp_path / "no")], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "There is nothing at" in done.stderr and "Traceback" not in done.stderr


def test_scores_under_other_settings_are_refused(project: Path, tmp_path: Path) -> None:
    old = written_exam(tmp_path / "old", {"lora+rag": HALF}, choice_scoring="letter")
    assert isinstance(run(project, "--baseline", old).exception, UserError)


def test_compare_prints_markdown_writes_it_and_speaks_json(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "changes.md"
    words = [str(project), str(project), "--before-arm", "base", "--arm", "lora"]
    shown = CliRunner().invoke(compare_command, [*words, "--out", str(out)])
    assert shown.exit_code == 0
    assert "| recall | correct | improved | +50.0 [" in shown.stdout
    assert out.read_text(encoding="utf-8") == shown.stdout
    found = json.loads(CliRunner().invoke(compare_command, [*words, "--json"]).stdout)
    assert found["changes"][0]["outcome"] == "improved"
    assert found["changes"][0]["matched"] == 100
