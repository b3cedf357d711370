"""The whole journey through the real command line on three small documents, with the bundled starter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loresmith.pipeline import STAGES, journey, open_project

VALVES = """# Valves of the plant

The relief valve RV-7 is a valve that opens when the pressure is too high. The relief valve RV-7 opens at 4.5 bar.
The check valve CV-2 is a valve that lets water flow in one direction. The check valve CV-2 weighs 12 kg.
The relief valve RV-7 was introduced by Marta Keller in 1998.

Table 1: Valves and their limits

| Valve | Pressure (bar) | Weight (kg) | Material |
| --- | --- | --- | --- |
| RV-7 | 4.5 | 9 | brass |
| CV-2 | 6.0 | 12 | steel |
| GV-1 | 10.5 | 31 | bronze |
| BV-4 | 16.0 | 24 | iron |
"""
PUMPS = """# Pumps of the plant

The feed pump FP-1 is a pump that lifts water to the upper tank. The feed pump FP-1 moves 300 litres per minute.
The dosing pump DP-3 is a pump that adds chlorine in small steps. The dosing pump DP-3 draws 40 watts.

Table 1: Pumps and their data

| Pump | Flow (l/min) | Power (W) | Built |
| --- | --- | --- | --- |
| FP-1 | 300 | 2200 | 2001 |
| DP-3 | 2 | 40 | 2012 |
| CP-9 | 850 | 5500 | 1995 |
| SP-5 | 120 | 900 | 2019 |
"""
TANKS = """# Tanks of the plant

The upper tank UT-1 is a tank that feeds the whole village. The upper tank UT-1 holds 90,000 litres.
The buffer tank BT-6 is a tank that evens out the night. The buffer tank BT-6 was built in 1987.

Table 1: Tanks and their data

| Tank | Volume (l) | Height (m) | Lining |
| --- | --- | --- | --- |
| UT-1 | 90000 | 8.5 | epoxy |
| BT-6 | 45000 | 6.2 | cement |
| RT-2 | 12000 | 3.1 | glass |
| WT-8 | 2500 | 2.4 | rubber |
"""
RECIPE = """name: plant
documents: [documents]
split: {held_out: 0.34}
evaluate: {further: [gguf, gguf+rag]}
"""


def loresmith(*words: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "loresmith.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=400, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents, a recipe, and the finished project `plant`."""
    folder = tmp_path_factory.mktemp("journey")
    (folder / "documents").mkdir()
    for name, text in {"valves.md": VALVES, "pumps.md": PUMPS, "tanks.md": TANKS}.items():
        (folder / "documents" / name).write_text(text)
    (folder / "documents" / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (folder / "recipe.yaml").write_text(RECIPE)
    rehearsal = loresmith("run", "recipe.yaml", "--rehearse", "--project", "plant", "--until", "split", cwd=folder)
    assert rehearsal.returncode == 0, rehearsal.stderr
    for verb in (["index"], ["train", "--num-train-epochs", "2"], ["evaluate"], ["export"], ["report"]):
        done = loresmith(verb[0], "plant", *verb[1:], cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "Next: loresmith" in done.stdout
    return folder


def test_every_stage_leaves_a_whole_artifact(home: Path) -> None:
    stages = journey(open_project(home / "plant"))
    assert {stage.name for stage in STAGES} - {stage.name for stage in stages} == {"endpoint", "benchmark"}
    for stage in stages:
        assert (home / "plant" / stage.folder / "manifest.json").is_file(), stage.name


def test_the_broken_document_is_set_aside_with_its_reason(home: Path) -> None:
    row = json.loads((home / "plant" / "documents" / "dropped.jsonl").read_text())
    assert row["source"] == "broken.pdf"
    assert row["reason"]


def test_a_run_after_the_single_verbs_has_nothing_to_do_and_agrees_with_them(home: Path) -> None:
    done = loresmith("run", "plant", "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {row["state"] for row in result["stages"]} == {"fresh"}
    assert result["results"]["evaluate"]["verdict"]["headline"]
    assert {pair["than"] for pair in result["results"]["gguf"]["pairs"]} == {"base", "lora", "rag", "lora+rag", "gguf"}


def test_no_path_of_this_machine_is_in_any_result(home: Path) -> None:
    for path in (home / "plant").rglob("*"):
        if path.is_file() and path.name != "recipe.yaml":
            assert str(home).encode() not in path.read_bytes(), path


@pytest.mark.parametrize("generator", ["none", "gguf", "adapter"])
def test_an_answer_cites_a_document_whatever_writes_it(home: Path, generator: str) -> None:
    done = loresmith(
        "ask", "plant", "How much does the check valve CV-2 weigh?", "--with", generator, "--json", cwd=home
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["passages"][0]["source"] == "valves.md"
    assert answer["generator"] is None or generator != "none"
    assert (
        all(c["quote"] in next(p["text"] for p in answer["passages"]) for c in answer["citations"][:1])
        or generator != "none"
    )


def test_a_stale_stage_says_why_before_it_works(home: Path) -> None:
    done = loresmith("index", "plant", "--dense-weight", "0.6", "--dry-run", cwd=home)
    assert done.returncode == 0, done.stderr
    assert "dense_weight 0.3 → 0.6" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "nothing.yaml"], 2, "no recipe"),
        (["run", "recipe.yaml", "--rehearse", "--documents", "empty"], 2, "holds no files"),
        (["run", "recipe.yaml", "--rehearse", "--documents", "missing"], 2, "no documents at"),
        (["train", "plant", "--r", "0"], 2, "greater than or equal to 1"),
        (["init", "other", "--documents", "missing"], 2, "no documents at"),
        (["init", "plant", "--documents", "documents"], 2, "is there already"),
        (["trian", "plant"], 2, "Did you mean 'train'"),
        (["ask", "nowhere", "Why?"], 2, "neither a project folder nor a recipe"),
    ],
)
def test_bad_input_gets_one_clear_error(home: Path, words: list[str], code: int, said: str) -> None:
    (home / "empty").mkdir(exist_ok=True)
    done = loresmith(*words, cwd=home)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_corrupted_artifact_is_named_and_mended_by_the_next_run(home: Path, tmp_path: Path) -> None:
    chunks = home / "plant" / "chunks" / "rows.jsonl"
    whole = chunks.read_bytes()
    chunks.write_bytes(whole[:-20])
    asked = loresmith("ask", "plant", "What weighs 12 kg?", "--with", "none", cwd=home)
    trained = loresmith("split", "plant", cwd=home)
    assert trained.returncode == 2
    assert "is corrupt" in trained.stderr or "damaged" in trained.stderr
    mended = loresmith("run", "plant", "--json", cwd=home)
    assert mended.returncode == 0, mended.stderr
    assert chunks.read_bytes() == whole
    assert asked.returncode in (0, 2)
    assert "Traceback" not in asked.stderr
