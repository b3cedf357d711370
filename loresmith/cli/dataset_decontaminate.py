"""`loresmith dataset decontaminate`: training rows against benchmarks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.options import options_from
from loresmith.cli.place import PATH, show_json
from loresmith.exchange.formats import READABLE
from loresmith.recipe import DecontaminateConfig, parse

if TYPE_CHECKING:
    from loresmith.contamination.cleaning import Finding
    from loresmith.exchange.reading import Collection

SHOWN = 20
"""Pairs that are printed; --json and --out have all."""


@click.command("decontaminate")
@click.argument("rows", type=PATH)
@click.option(
    "--against", "-a", multiple=True, required=True, type=PATH, help="A benchmark's file or folder; repeat for more."
)
@click.option("--out", type=PATH, help="Write the clean rows and dropped.jsonl into this folder.")
@click.option("--force", is_flag=True, help="Replace a folder that this verb made.")
@click.option("--license", "license_name", default="unknown", show_default=True, help="For the card.")
@click.option("--from", "form", type=click.Choice(READABLE), help="The rows' format [default: found out].")
@options_from(DecontaminateConfig)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def decontaminate(rows: Path, against: tuple[Path, ...], out: Path | None, form: str | None, **given: Any) -> None:
    """Find the rows of ROWS that stand in a benchmark, and name both.

    ROWS is a dataset, or a project folder, of which the training rows are meant. A row is found when a text of it is a
    benchmark's question, shares a run of words with an item, or is nearly a question. Benchmarks are JSON, JSON Lines,
    CSV, TSV or Parquet files, or folders of these.
    """
    prepare(torch_works=False)
    from loresmith.contamination.cleaning import decontaminate as compare
    from loresmith.contamination.cleaning import write_clean
    from loresmith.exchange.handing_over import Label, require_apart, require_room

    as_json, force, license_name = given.pop("as_json"), given.pop("force"), given.pop("license_name")
    config = parse(DecontaminateConfig, {name: value for name, value in given.items() if value is not None})
    if out is not None:
        for source in (rows, *against):
            require_apart(source, out)
        _require_folder(out)
        require_room(out, force=force)  # before large files are read
    finding, clean = compare(_collection(rows, form), against, config)
    outcome = None
    if out is not None:
        origin = f"`{rows.name}` without the rows that stand in {len(finding.items)} benchmark files."
        outcome = write_clean(finding, clean, out, Label(origin, license_name), force=force)
    if as_json:
        wrote = None if outcome is None else outcome.model_dump(mode="json")
        show_json({**finding.model_dump(mode="json"), "wrote": wrote})
        return
    _show(finding)
    if outcome is not None:
        click.echo(f"{finding.clean} clean conversations → {outcome.path} as {outcome.target}")
        click.echo(f"Next: loresmith dataset inspect {outcome.path}")
    elif finding.contaminated:
        click.echo(f"Next: loresmith dataset decontaminate {rows} {_flags(against)} --out FOLDER")


def _collection(rows: Path, form: str | None) -> "Collection":
    from loresmith.exchange.project_rows import project_rows
    from loresmith.exchange.reading import read, require_some
    from loresmith.pipeline.project import RECIPE

    if (rows / RECIPE).is_file():
        return project_rows(rows, "training")
    collection = read(rows, form)
    require_some(collection, rows)
    return collection


def _require_folder(out: Path) -> None:
    from loresmith.errors import UserError

    if out.suffix or out.is_file():
        raise UserError(f"{out} names a file.", next_step="Give --out a folder: clean and dropped rows go into it.")


def _show(finding: "Finding") -> None:
    click.echo(f"{sum(finding.items.values())} items of {len(finding.items)} benchmark files")
    for name, problem in finding.passed_over.items():
        click.echo(f"  passed over: {name}: {problem}")
    if finding.common_runs:
        click.echo(f"  passed over: {finding.common_runs} runs of words that are phrases of a benchmark")
    click.echo(f"{finding.conversations} conversations = {finding.clean} clean + {finding.contaminated} in a benchmark")
    if finding.unreadable:
        click.echo(f"  {finding.unreadable} rows are no conversations and were not compared")
    for reason, count in finding.reasons.items():
        click.echo(f"  {count:>6}  {reason}")
    for name, count in finding.by_benchmark.items():
        click.echo(f"  {count:>6}  {name}")
    for hit in finding.hits[:SHOWN]:
        click.echo(f"{hit.row}: {hit.check} ({hit.evidence})")
        click.echo(f"  row   {hit.row_text!r}")
        click.echo(f"  item  {hit.item}, {hit.part}: {hit.item_text!r}")
    if len(finding.hits) > SHOWN:
        click.echo(f"and {len(finding.hits) - SHOWN} more: see --json, or dropped.jsonl of --out")


def _flags(against: tuple[Path, ...]) -> str:
    return " ".join(f"--against {path}" for path in against)
