"""What a run came to: the four arms as a table, the verdict, the files, and the next command."""

import json
from typing import Any

import click

from loresmith.artifact import Artifact
from loresmith.pipeline import Project, Step

EXAM_FILE = "results.json"
ARMS = ("base", "lora", "rag", "lora+rag", "gguf", "gguf+rag", "endpoint", "endpoint+rag")
FURTHER = ("gguf", "endpoint")


def results_of(steps: list[Step]) -> dict[str, Any]:
    """The figures of the examination, the public benchmarks and the parity exam, as their stages wrote them.

    Absent ones are left out.
    """
    made = {step.stage.name: step.artifact for step in steps if step.artifact is not None}
    found = {name: _figures(made[name]) for name in ("evaluate", "benchmark", "parity", *FURTHER) if name in made}
    return {name: figures for name, figures in found.items() if figures is not None}


def show_results(project: Project, steps: list[Step]) -> None:
    """Print the results on stdout."""
    found = results_of(steps)
    if "evaluate" in found:
        cells = [cell for name in ("evaluate", *FURTHER) for cell in found.get(name, {}).get("cells", ())]
        for line in exam_table(cells):
            click.echo(line)
        for line in long_lines(found):
            click.echo(line)
        click.echo(f"\n{click.style(found['evaluate']['verdict']['headline'], bold=True)}")
    if "benchmark" in found:
        click.echo(found["benchmark"]["headline"])
    if "parity" in found:
        click.echo(parity_line(found["parity"]))
    made = {step.stage.name: step.artifact for step in steps if step.artifact is not None}
    if "export" in made:
        click.echo(f"File:   {made['export'] / 'model.gguf'}")
    if "report" in made:
        click.echo(f"Report: {made['report'] / 'report.html'}")
    click.echo(f"Next: loresmith {next_command(project, set(made))}")


def exam_table(given: list[dict[str, Any]]) -> list[str]:
    """One line per exam and form, one column per arm: accuracy in percent with its 95% interval."""
    cells = {(cell["exam"], cell["form"], cell["arm"]): cell for cell in given}
    arms = [arm for arm in ARMS if any(key[2] == arm for key in cells)]
    rows = [("accuracy, % [95%]", "n", *arms)]
    for exam, form in dict.fromkeys((cell["exam"], cell["form"]) for cell in given):
        own = [cells.get((exam, form, arm)) for arm in arms]
        n = next((str(cell["n"]) for cell in own if cell), "")
        rows.append((f"{exam}, {form}", n, *(_percent(cell["accuracy"]) if cell else "" for cell in own)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def long_lines(found: dict[str, Any]) -> list[str]:
    """How much of their references long answers say, a line for each exam; none where none were asked for."""
    scored = [one for name in ("evaluate", *FURTHER) for one in found.get(name, {}).get("long", ())]
    lines = []
    for exam in dict.fromkeys(one["exam"] for one in scored):
        own = [one for one in scored if one["exam"] == exam]
        measure, name = ("rouge_l", "ROUGE-L") if own[0]["rouge_l"] else ("token_f1", "token F1")
        told = "; ".join(f"{one['arm']} {_mean(one[measure])}" for one in own)
        lines.append(f"{exam}, {own[0]['n']} long answers, {name} (no share of right ones): {told}")
    return lines


def parity_line(results: dict[str, Any]) -> str:
    """Whether the shipped file is what was tested."""
    passed = results["passed"]
    verdict = "The file is equal to what was tested" if passed else "The file is NOT equal to what was tested"
    return f"{verdict}: " + "; ".join(results["reasons"])


def next_command(project: Project, made: set[str]) -> str:
    """What a user would want to do after this much."""
    if "report" in made:
        return f"serve {project.path}"
    return f"run {project.path}"


def _percent(estimate: dict[str, float]) -> str:
    return f"{100 * estimate['value']:.0f} [{100 * estimate['low']:.0f}, {100 * estimate['high']:.0f}]"


def _mean(estimate: dict[str, float] | None) -> str:
    return f"{estimate['value']:.2f} [{estimate['low']:.2f}, {estimate['high']:.2f}]" if estimate else "–"


def _figures(made: Artifact) -> dict[str, Any] | None:
    path = made / EXAM_FILE
    if not path.is_file():
        return None
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return figures
