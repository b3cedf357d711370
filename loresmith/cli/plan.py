"""`loresmith plan`."""

import json
from dataclasses import asdict
from typing import Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import chosen_project, project_options, show_json
from loresmith.cli.summary import explain_state, row_of
from loresmith.errors import UserError
from loresmith.models.footprint import Footprint, footprint
from loresmith.pipeline import Project, survey
from loresmith.recipe import Recipe


@click.command("plan")
@project_options
def command(as_json: bool, **given: Any) -> None:
    """Show which stages would run and why, and the sizes of the model, the adapter and the exported file."""
    project = chosen_project(given)
    prepare()  # offline: a look ahead must not download a model
    size, why_not = _size(project.recipe)
    steps = [] if why_not else list(survey(project))
    if as_json:
        sizes = asdict(size) if size else None
        show_json({"stages": [row_of(step) for step in steps], "sizes": sizes, "sizes_unknown": why_not})
        return
    for step in steps:
        click.echo(explain_state(step))
    click.echo(f"\n{project.recipe.model.base}")
    kind = project.recipe.export.quantization
    click.echo("\n".join(_lines(size, kind)) if size else f"sizes unknown: {why_not}")
    click.echo(f"Next: loresmith run {_again(project)}")


def _size(recipe: Recipe) -> tuple[Footprint | None, str]:
    from loresmith.models import locate

    try:
        found = locate.find(recipe.model.base, recipe.model.revision)
    except UserError as fault:
        return None, f"{fault.problem} {fault.next_step}"
    config = found.path / "config.json"
    if not config.is_file():
        return None, f"{found.path} has no config.json."
    dtype = "float32" if recipe.model.dtype == "auto" else recipe.model.dtype
    return footprint(
        json.loads(config.read_text(encoding="utf-8")), recipe.train, dtype, recipe.export.quantization
    ), ""


def _lines(size: Footprint, quantization: str) -> list[str]:
    rows = (
        ("parameters", f"{size.parameters:,}"),
        ("weights in memory", _megabytes(size.weight_bytes)),
        ("adapter", f"{size.adapter_parameters:,} parameters, {_megabytes(size.adapter_file_bytes)} on disk"),
        (
            "training state",
            f"{_megabytes(size.training_state_bytes)} (adapter, gradients, Adam; activations come on top)",
        ),
        (f"GGUF {quantization}", f"about {_megabytes(size.gguf_bytes)}"),
    )
    return [f"  {what:<18} {value}" for what, value in rows]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _again(project: Project) -> str:
    return str(project.path) if (project.path / "recipe.yaml").is_file() else "RECIPE"
