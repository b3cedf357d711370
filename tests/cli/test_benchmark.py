import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loresmith.artifact import Artifact
from loresmith.cli.benchmark import command
from loresmith.errors import ArtifactMissing, UserError
from tests.benchmark import papers
from tests.benchmark.conftest import adapter as adapter  # the artifact of a training on the random model

Ask = Callable[..., Result]


@pytest.fixture
def ask(tiny_model: Path, tmp_path: Path) -> Ask:
    def invoke(*words: str, place: Path = tiny_model) -> Result:
        data = papers.arc(tmp_path / "arc")
        return CliRunner().invoke(command, [str(place), "--data", str(data), *words])

    return invoke


@pytest.fixture
def project(tiny_model: Path, adapter: Artifact, tmp_path: Path) -> Path:
    """A project whose training is finished."""
    import shutil

    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "recipe.yaml").write_text(f"name: small\nmodel: {{base: {tiny_model}}}\n", encoding="utf-8")
    shutil.copytree(adapter.path, tmp_path / "project" / "adapter")
    return tmp_path / "project"


def test_a_model_s_figures_are_shown_with_interval_number_and_what_is_missing(ask: Ask, tmp_path: Path) -> None:
    done = ask("--tasks", "arc_challenge", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "arc_challenge (0-shot, plain prompt, float32; 36 questions)"
    assert lines[1].startswith("  base: acc_norm 0.") and lines[1].endswith("] n = 36")
    assert "  note: arc_challenge: 36 of the official 1,172" in lines
    assert (tmp_path / "out" / "arc_challenge" / "rows.jsonl").is_file()


def test_a_project_s_adapter_is_asked_beside_its_base(ask: Ask, project: Path) -> None:
    done = ask("--tasks", "arc_challenge", "--limit", "12", place=project)
    assert done.exit_code == 0, done.output
    assert "LIMITED to 12 of 36 questions: an estimate, not the benchmark's figure" in done.stdout
    assert "  lora - base: acc " in done.stdout
    assert "n = 12 (few)" in done.stdout
    assert (project / "benchmarks" / "arc_challenge" / "results.json").is_file()


def test_json_holds_all_that_decides_whether_two_scores_compare(ask: Ask, tmp_path: Path) -> None:
    (found,) = json.loads(ask("--tasks", "arc_challenge", "--out", str(tmp_path / "out"), "--json").stdout)
    assert found["setting"]["harness"] == "arc_challenge 1.0"
    assert found["data"]["official"] == 1172
    assert found["versions"].keys() >= {"loresmith", "torch", "transformers"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "No benchmark is asked for"),
        (("--tasks", "arc_chalenge"), "Did you mean 'arc_challenge'"),
        (("--tasks", "arc_challenge", "--arms", "lora"), "has no arm lora"),
        (("--tasks", "arc_challenge", "--few-shot", "40"), "needs 40 worked examples, 36 are there"),
        (("--tasks", "gsm8k"), "has gsm8k in its name"),
        (("--tasks", "arc_challenge", "--limit", "0"), "limit: Input should be greater than or equal to 1"),
    ],
)
def test_what_cannot_be_asked_is_one_error_with_its_next_step(
    ask: Ask, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    fault = ask(*words, "--out", str(tmp_path / "out")).exception
    assert isinstance(fault, UserError)
    assert problem in fault.problem
    assert fault.next_step


def test_the_trained_arm_of_an_untrained_project_names_the_verb(ask: Ask, project: Path) -> None:
    import shutil

    shutil.rmtree(project / "adapter")
    fault = ask("--tasks", "arc_challenge", "--arms", "lora", place=project).exception
    assert isinstance(fault, ArtifactMissing)
    assert "loresmith train" in fault.next_step
