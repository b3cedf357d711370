"""Show progress on stderr: a live bar for people, a line now and then for logs, nothing for `--json`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from loresmith.progress import Result, Work, finish
from loresmith.records import Progress

SECONDS_BETWEEN_LINES = 10.0


def follow(work: Work[Result], *, quiet: bool = False) -> Result:
    """The result of `work`, its progress shown as suits where stderr goes."""
    if quiet:
        return finish(work)
    if sys.stderr.isatty():
        with _bar() as show:
            return finish(work, show)
    return finish(work, _lines())


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns: list[Any] = [
        TextColumn("{task.fields[stage]:<9}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    ]
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(step: Progress) -> None:
            if step.told:
                bars.console.print(f"{step.stage:<9} {step.told}", markup=False, highlight=False, soft_wrap=True)
            if step.stage not in tasks:
                for task in tasks.values():
                    bars.remove_task(task)
                tasks.clear()
                tasks[step.stage] = bars.add_task("", total=step.total, stage=step.stage, note=step.note)
            bars.update(tasks[step.stage], completed=step.done, total=step.total, note=step.note)

        yield show


def _lines() -> Callable[[Progress], None]:
    shown_at: dict[str, float] = {}

    def show(step: Progress) -> None:
        if step.told:
            click.echo(f"{step.stage:<9} {step.told}", err=True)
        now = time.monotonic()
        if now - shown_at.get(step.stage, -SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
            return
        shown_at[step.stage] = now
        total = f"/{step.total}" if step.total else ""
        click.echo(f"{step.stage:<9} {step.done}{total} {step.note}".rstrip(), err=True)

    return show
