"""`loresmith ingest`: the stage, and a look at what is understood of one file."""

from pathlib import Path
from typing import Any

import click

from loresmith.cli.place import PATH, show_json
from loresmith.cli.stage_verb import stage_command
from loresmith.errors import UserError
from loresmith.recipe import IngestConfig, parse
from loresmith.records import Reading

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
    flags = {name: given[name] for name in IngestConfig.model_fields if given[name] not in (None, ())}
    _look(given["place"], parse(IngestConfig, flags), show=show, preview=preview, as_json=given["as_json"])


def _look(path: Path | None, config: IngestConfig, *, show: bool, preview: Path | None, as_json: bool) -> None:
    """Read one file as `config` says, print its Markdown and write its preview."""
    from loresmith.ingest import check_reader
    from loresmith.ingest.confined import ConfinedReader, Limits

    if path is None or not path.is_file():
        raise UserError(
            f"--show and --preview read one document, and {path or 'nothing'} is no file.",
            next_step="Give the document: `loresmith ingest paper.pdf --show`.",
        )
    check_reader(config.reader)
    limits = Limits(config.seconds_per_file, config.memory_per_file_mb)
    with ConfinedReader(limits, config.reader, config.table_headers) as reader:
        kind, reading = reader.read(path)
    if preview is not None:
        _write_preview(path, reading, preview)
    if as_json:
        show_json({"source": str(path), "format": kind, **reading.model_dump(mode="json")})
    elif show:
        click.echo(reading.markdown, nl=False)
    if preview is not None:
        click.echo(f"Next: open {preview} in a browser", err=True)


def _write_preview(path: Path, reading: Reading, preview: Path) -> None:
    from loresmith.ingest.preview import page_of

    page = page_of(path, reading)
    try:
        preview.write_text(page, encoding="utf-8")
    except OSError as fault:
        raise UserError(
            f"The preview cannot be written to {preview} ({fault.strerror or fault}).",
            next_step="Give --preview a file in a folder that exists.",
        ) from fault


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
