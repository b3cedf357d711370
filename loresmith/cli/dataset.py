"""`loresmith dataset`: datasets in and out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from loresmith.cli import dataset_prepare, dataset_push
from loresmith.cli.dataset_decontaminate import decontaminate
from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json
from loresmith.exchange.formats import READABLE
from loresmith.exchange.targets import TARGETS

if TYPE_CHECKING:
    from loresmith.exchange.accounts import Account
    from loresmith.exchange.handing_over import Outcome

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
FROM = click.option("--from", "form", type=click.Choice(READABLE), help="The rows' format [default: found out].")


def _target_options(function: Callable[..., None]) -> Callable[..., None]:
    for add in (
        JSON,
        click.option("--force", is_flag=True, help="Replace a file, or a folder that this verb made."),
        click.option("--license", "license_name", default="unknown", show_default=True, help="For the card."),
        click.option("--to", required=True, type=click.Choice(list(TARGETS)), help="What to write."),
    ):
        function = add(function)
    return function


@click.group("dataset")
def command() -> None:
    """Prepare, read, convert, clean, hand over and publish datasets.

    Rows are read from JSON, JSON Lines, CSV, Parquet, a folder of such files, or a saved `datasets` folder; Parquet and
    `datasets` folders need `pip install 'loresmith[datasets]'`.
    """


@command.command("inspect")
@click.argument("source", type=PATH)
@FROM
@JSON
def inspect(source: Path, form: str | None, as_json: bool) -> None:
    """Say what format SOURCE is in, what each column becomes, and what is dropped and why."""
    prepare(torch_works=False)
    from loresmith.exchange.reading import read

    collection = read(source, form)
    if as_json:
        show_json({"files": [account.model_dump(mode="json") for account in collection.accounts]})
        return
    for account in collection.accounts:
        _show_account(account)
    if collection.splits:
        click.echo(f"Next: loresmith dataset convert {source} TARGET --to FORMAT")


@command.command("convert")
@click.argument("source", type=PATH)
@click.argument("target", type=PATH)
@FROM
@_target_options
def convert(source: Path, target: Path, form: str | None, to: str, **given: Any) -> None:
    """Write the conversations of SOURCE to TARGET.

    TARGET is a folder, or a .jsonl, .json or .parquet file where the format is one of plain rows.
    """
    prepare(torch_works=False)
    from loresmith.exchange.handing_over import Label, hand_over, require_apart, require_room, target_named
    from loresmith.exchange.reading import read, require_some

    require_apart(source, target)
    require_room(target, force=given["force"])  # before a large source is read
    collection = read(source, form)
    require_some(collection, source)
    label = Label(f"Converted by Loresmith from `{source.name}`.", given["license_name"])
    outcome = hand_over(collection, target_named(to), target, label, force=given["force"])
    if given["as_json"]:
        files = [account.model_dump(mode="json") for account in collection.accounts]
        show_json({"files": files, "wrote": outcome.model_dump(mode="json")})
        return
    for account in collection.accounts:
        _show_account(account)
    _show_outcome(outcome)


@command.command("export")
@click.argument("project", type=PATH)
@click.argument("target", type=PATH)
@click.option("--rows", type=click.Choice(("training", "exam")), help="[default: exam for ragas and lm-eval]")
@_target_options
def export(project: Path, target: Path, rows: Literal["training", "exam"] | None, to: str, **given: Any) -> None:
    """Write the training rows or the exam of the project PROJECT to TARGET."""
    prepare(torch_works=False)
    from loresmith.exchange.handing_over import Label, hand_over, target_named
    from loresmith.exchange.project_rows import project_rows
    from loresmith.pipeline import open_project

    opened = open_project(project)
    wanted = target_named(to)
    is_ragas = to == "ragas"
    collection = project_rows(
        opened.path, rows or wanted.rows, bare=is_ragas, forms=("short", "long") if is_ragas else ()
    )
    base = opened.recipe.model.base
    label = Label(
        f"Made by Loresmith from the documents of the project `{opened.recipe.name}`.",
        given["license_name"],
        base if base != "starter" else Label.base_model,
    )
    outcome = hand_over(collection, wanted, target, label, force=given["force"])
    if given["as_json"]:
        show_json({"project": str(opened.path), "wrote": outcome.model_dump(mode="json")})
        return
    _show_outcome(outcome)


command.add_command(decontaminate)
command.add_command(dataset_prepare.command)
command.add_command(dataset_push.command)


def _show_account(account: "Account") -> None:
    how = "found out" if account.detected else "as told"
    click.echo(f"{account.source} ({account.split}): {account.format}, {how}")
    click.echo(f"  {account.rows} rows → {account.dialogues} conversations with {account.turns} turns")
    for name, fate in account.columns.items():
        click.echo(f"  {name:<18} {fate}")
    for note, count in account.notes.items():
        click.echo(f"  note: {note} ({count})")
    for reason, count in account.dropped.items():
        click.echo(f"  dropped {count}: {reason}; first {account.first_dropped[reason]}")


def _show_outcome(outcome: "Outcome") -> None:
    listed = ", ".join(f"{split} {count}" for split, count in outcome.written.items())
    click.echo(f"{sum(outcome.written.values())} conversations ({listed}) → {outcome.path} as {outcome.target}")
    for note, count in outcome.notes.items():
        click.echo(f"  note: {note} ({count})")
    for reason, count in outcome.left_out.items():
        click.echo(f"  left out {count}: {reason}")
    click.echo(f"Next: loresmith dataset inspect {outcome.path}")
