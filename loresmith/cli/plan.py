"""`loresmith plan`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from loresmith.cli import plan_words
from loresmith.cli.environment import prepare
from loresmith.cli.options import options_from, overridden
from loresmith.cli.place import chosen_project, project_options, show_json, with_recipe
from loresmith.cli.summary import explain_state, row_of
from loresmith.errors import UserError
from loresmith.pipeline import Project, Step, survey
from loresmith.recipe import Recipe, TrainConfig, parse
from loresmith.sizing import corpus, published
from loresmith.sizing.compute import Work
from loresmith.sizing.corpus import Corpus
from loresmith.sizing.machine import Machine, amount, this_machine
from loresmith.sizing.memory import Device
from loresmith.sizing.plan import Asked, Plan, drawn_up
from loresmith.sizing.source import planned

DTYPES = ("auto", "float32", "bfloat16", "float16")


@click.command("plan")
@project_options
@click.option("--model", help="Plan for this model alone: Hub id, folder, config.json or `starter`; needs no project.")
@click.option("--dtype", type=click.Choice(DTYPES), help="Precision of the weights [default: the recipe's].")
@click.option("--memory", help="Plan for a GPU with this much memory, such as 12GB [default: this machine].")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="What --memory belongs to [default: cuda].")
@click.option("--tflops", type=click.FloatRange(min=0.001), help="Rate of matrix products [default: measured here].")
@click.option("--table", is_flag=True, help="3B, 7B and 14B, trained in each way, beside a published table.")
@options_from(TrainConfig)
def command(as_json: bool, model: str | None, table: bool, **given: Any) -> None:
    """Say what a run will take, before anything is downloaded or trained.

    Memory by part, disk, minutes and the longest row that fits, by arithmetic; the licence of the model; which stages
    would run and why; and whether the documents are too few, so that retrieval alone would do.
    """
    prepare()  # offline: a look ahead must not download a model
    chosen = {name: given.pop(name) for name in ("dtype", "memory", "device", "tflops")}
    places = {name: given.pop(name) for name in ("place", "config", "project", "documents", "rehearse")}
    if table:
        _show_table(given, as_json)
        return
    if model is None:
        named = places["place"] or places["config"]
        _plan_project(chosen_project(places, only_look=True), named, chosen, given, as_json)
        return
    if any(places.values()):
        raise UserError("--model plans without a project.", next_step="Leave out either --model or the project.")
    train = parse(TrainConfig, _given(given))
    blank = Recipe.model_validate({"name": "plan", "model": {"base": model}, "train": train})
    made, asked = _drawn_up(blank, chosen, None)
    if as_json:
        show_json(plan_words.as_rows(made, asked))
        return
    click.echo("\n".join(plan_words.lines(made, asked)))
    click.echo("Next: loresmith init my-expert --documents FOLDER")


def _plan_project(
    project: Project, named: Path | None, chosen: dict[str, Any], given: dict[str, Any], as_json: bool
) -> None:
    """`named` is the recipe or folder that was asked about."""
    project = with_recipe(project, overridden(project.recipe, "train", given))
    steps, waits = _surveyed(project)
    held, work = _held(project.recipe, steps)
    doubts = list(corpus.doubts(held, project.recipe.train, project.recipe.ask.source_tokens))
    made, asked, why_not = None, None, ""
    try:
        made, asked = _drawn_up(project.recipe, chosen, work)
    except UserError as fault:
        why_not = f"{fault.problem} {fault.next_step}"
    if as_json:
        sizes = plan_words.as_rows(made, asked) if made and asked else None
        stages = [row_of(step) for step in steps]
        found = {"stages": stages, "stages_unknown": waits, "sizes": sizes, "sizes_unknown": why_not}
        show_json({**found, "corpus": asdict(held), "too_small": doubts})
        return
    for step in steps:
        click.echo(explain_state(step))
    if waits:
        click.echo(f"stages unknown: {waits}")
    shown = plan_words.lines(made, asked) if made and asked else [f"{project.recipe.model.base}: {why_not}"]
    click.echo("\n".join(["", *shown, *plan_words.advice(doubts)]))
    again = project.path if (project.path / "recipe.yaml").is_file() else named
    retrieval = f" --until index, then loresmith ask {project.path} 'QUESTION' --with none" if doubts else ""
    click.echo(f"Next: loresmith run {again}{retrieval}")


def _drawn_up(recipe: Recipe, chosen: dict[str, Any], work: Work | None) -> tuple[Plan, Asked]:
    from loresmith.cli import plan_precision

    found = planned(recipe.model.base, recipe.model.revision)
    machine, is_here = _machine(chosen["memory"], chosen["device"]), chosen["memory"] is None
    dtype = chosen["dtype"] or recipe.model.dtype
    way = (plan_precision.here if is_here else plan_precision.elsewhere)(
        dtype, found.shape, recipe.train, machine.device
    )
    speed = chosen["tflops"] * 1e12 if chosen["tflops"] else None
    if speed is None and is_here:
        speed = plan_precision.speed(way, machine.device)
    asked = Asked(found, recipe.train, way.dtype, way.because, machine, recipe.export.quantization, work, speed)
    return drawn_up(asked), asked


def _machine(memory: str | None, device: Device | None) -> Machine:
    """The one that is described, or this one."""
    if memory is not None:
        size = amount(memory)
        return Machine("cpu", size, "a CPU") if device == "cpu" else Machine("cuda", size, "a GPU")
    machine = this_machine()
    if device not in (None, machine.device):
        raise UserError(
            f"This machine has no {device}.", next_step="Say how much memory it has, such as --memory 24GB."
        )
    return machine


def _show_table(given: dict[str, Any], as_json: bool) -> None:
    train = parse(TrainConfig, _given(given))
    rows = published.table(train.max_length, train)
    if as_json:
        show_json([{**asdict(row), "total": row.peak.total, "remark": row.remark} for row in rows])
        return
    click.echo("\n".join(plan_words.table(rows, train)))


def _surveyed(project: Project) -> tuple[list[Step], str]:
    """Each stage's state, or why it cannot be known: the model's own files decide whether an adapter is stale."""
    try:
        return list(survey(project)), ""
    except UserError as fault:
        return [], f"{fault.problem} {fault.next_step}"


def _held(recipe: Recipe, steps: list[Step]) -> tuple[Corpus, Work | None]:
    from loresmith.sizing import lessons

    made = {step.stage.name: step.artifact for step in steps if step.artifact is not None}
    return lessons.held(recipe, made)


def _given(flags: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None and value != ()}
