import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith.cli.generate import command
from loresmith.pipeline import Project, run
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, Recipe

TEXTS = {
    "valves.md": "# Valves\n\nBR-7 holds 12 springs. BR-9 holds 14 springs. BR-11 holds 19 springs.\n",
    "pumps.md": "# Pumps\n\nBR-7 holds 20 springs. BR-9 holds 21 springs. BR-11 holds 22 springs.\n",
    "pipes.md": "# Pipes\n\nPX-3 holds 8 bolts.\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    few = GenerateConfig(facts_per_chunk=2)  # so that a third falls for that, and of the rest some for each other
    recipe = Recipe(name="x", documents=(str(tmp_path / "docs"),), generate=few)
    made = Project(tmp_path / "p", recipe)
    made.save()
    finish(run(made, until="chunk"))
    return made


def test_every_reason_to_set_a_row_aside_is_shown_with_its_count_the_most_frequent_first(project: Project) -> None:
    shown = CliRunner().invoke(command, [str(project.path)]).stdout.splitlines()
    reasons = json.loads(CliRunner().invoke(command, [str(project.path), "--json"]).stdout)["stages"][0]["reasons"]
    assert len(reasons) >= 2
    start = shown.index("  set aside  reason") + 1
    rows = [line.split(maxsplit=1) for line in shown[start : start + len(reasons)]]
    assert {reason: int(number) for number, reason in rows} == reasons
    assert [int(number) for number, _ in rows] == sorted(reasons.values(), reverse=True)
    assert shown[-1].startswith("Next: loresmith split")


def test_a_search_is_told_in_one_line_and_only_if_there_was_one(project: Project) -> None:
    assert "retrievable" not in CliRunner().invoke(command, [str(project.path)]).stdout
    shown = CliRunner().invoke(command, [str(project.path), "--retrievable", "mark"]).stdout
    rows = len((project.path / "questions" / "rows.jsonl").read_text(encoding="utf-8").splitlines())
    assert f"  retrievable: {rows} of {rows} questions have their passage among the first 10 found\n" in shown
