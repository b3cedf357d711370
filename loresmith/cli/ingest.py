"""`loresmith ingest`: the stage, and a look at what is understood of one file."""

from pathlib import Path
from typing import Any

import click

from loresmith.cli.place import PATH, show_json
from loresmith.cli.stage_verb import stage_command
from loresmith.errors import UserError
from loresmith.recipe import IngestConfig

_stage = stage_command(
    "ingest",
    IngestConfig,
    about="""Read every document of a project into Markdown; what cannot be read is set aside with its reason.

    With --show or --preview, PLACE is one document, and only that is read; no project is needed.
    """,
    next_verb="chunk",
)


def _work(show: bool, preview: Path | None, **given: Any) -> None:
    if not show and preview is None:
        assert _stage.callback is not None
        _stage.callback(**given)
        return
    _look(given["place"], show=show, preview=preview, as_json=given["as_json"])


def _look(path: Path | None, *, show: bool, preview: Path | None, as_json: bool) -> None:
    """Read one file, print its Markdown and write its preview."""
    from loresmith.ingest.confined import ConfinedReader, Limits

    if path is None or not path.is_file():
        raise UserError(
            f"--show and --preview read one document, and {path or 'nothing'} is no file.",
            next_step="Give the document: `loresmith ingest paper.pdf --show`.",
        )
    defaults = IngestConfig()
    with ConfinedReader(Limits(defaults.seconds_per_file, defaults.memory_per_file_mb)) as reader:
        kind, reading = reader.read(path)
    if preview is not None:
        from loresmith.ingest.preview import page_of

        preview.write_text(page_of(path, reading), encoding="utf-8")
    if as_json:
        show_json({"source": str(path), "format": kind, **reading.model_dump(mode="json")})
    elif show:
        click.echo(reading.markdown, nl=False)
    if preview is not None:
        click.echo(f"Next: open {preview} in a browser", err=True)


command = click.Command(
    "ingest",
    params=[
        *_stage.params,
        click.Option(["--show"], is_flag=True, help="Print the Markdown of one document and stop."),
        click.Option(["--preview"], type=PATH, help="Write an HTML page: one document beside its Markdown."),
    ],
    callback=_work,
    help=_stage.help,
)
