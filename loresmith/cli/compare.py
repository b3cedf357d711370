"""`loresmith compare`: two sets of results, category by category."""

from pathlib import Path

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json


@click.command("compare")
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--arm", help="Arm to compare, where results hold several [default: lora+rag, or the nearest to it].")
@click.option("--before-arm", help="Arm of BEFORE, where it is another one.")
@click.option("--out", type=PATH, help="Also write the Markdown into this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(
    before: Path, after: Path, arm: str | None, before_arm: str | None, out: Path | None, as_json: bool
) -> None:
    """Compare the results AFTER with those BEFORE: improved, worse, unchanged or cannot tell.

    Both are projects, folders of an examination, output folders of lm-evaluation-harness, files of ragas scores (CSV or
    JSON Lines), or rows with `id` and `correct`. Questions are paired by their ids where they match. Scores under
    different settings are marked.
    """
    prepare(torch_works=False)
    from loresmith.artifact import machine_error, write_whole
    from loresmith.compare.changes import compare
    from loresmith.compare.reading import read
    from loresmith.compare.words import markdown

    found = compare(read(before, before_arm or arm), read(after, arm))
    text = "\n".join(markdown(found))
    if out is not None:
        try:
            write_whole(out, f"{text}\n")
        except OSError as fault:
            raise machine_error(fault, out) from fault
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        click.echo(text)
