"""`loresmith status`: how an expert stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json

if TYPE_CHECKING:
    from loresmith.watch.standing import Standing


@click.command("status")
@click.argument("project", type=PATH)
@click.option("--registry", type=PATH, help="Folder of a shared registry [default: PROJECT/registry].")
@click.option("--picture", type=PATH, help="Also draw the exams over time into this SVG file.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(project: Path, registry: Path | None, picture: Path | None, as_json: bool) -> None:
    """Show who answers for PROJECT, whether its index is current, the last rounds, what is due and what people said."""
    prepare(torch_works=False)
    from loresmith.cli.registry import registry_at
    from loresmith.errors import UserError
    from loresmith.pipeline import open_project
    from loresmith.recipe import WatchConfig
    from loresmith.registry import Registry
    from loresmith.watch import standing
    from loresmith.watch.notices import mailbox
    from loresmith.watch.places import Places
    from loresmith.watch.round import Bench
    from loresmith.watch.timer import utc_now

    opened = open_project(project)
    places = Places(opened.path)
    with Registry(registry_at(opened.path, registry), only_look=True) as book:
        bench = Bench(opened, book, mailbox(WatchConfig(), places, utc_now), utc_now)
        found = standing.standing(bench)
    if picture is not None:
        svg = standing.picture(places, opened.recipe.name)
        if svg is None:
            raise UserError("No exam was held by the watch yet.", next_step=f"Run `loresmith watch {project} --once`.")
        picture.write_text(svg, encoding="utf-8")
    if as_json:
        show_json(found.model_dump(mode="json"))
        return
    for line in _lines(found):
        click.echo(line)
    if picture is not None:
        click.echo(f"picture   {picture}")
    click.echo(f"Next: loresmith watch {project} --once", err=True)


def _lines(found: "Standing") -> Iterator[str]:
    from loresmith.watch.notices import share

    since = f" since {found.since}" if found.since else ""
    yield f"champion  {'none yet' if found.champion is None else f'version {found.champion}{since}'}"
    if found.candidate is not None:
        yield f"candidate version {found.candidate}"
    if found.previous is not None:
        yield f"previous  version {found.previous}"
    if found.pending is None:
        yield "index     the documents cannot be read"
    else:
        yield f"index     {f'not current: {found.pending.words()}' if found.pending else 'current'}"
    if found.under_way is not None:
        yield f"under way round {found.under_way.number}, begun {found.under_way.began}: {found.under_way.reason.words}"
    for one in found.rounds:
        yield f"round {one.number:<3} {one.ended[:16]}  {one.outcome}: {one.headline}"
    for exam in found.exams[-5:]:
        below = "  too low" if exam.is_below else ""
        yield f"exam      {exam.at[:16]}  version {exam.champion}: {share(exam.accuracy)}{below}"
    for name, moment in found.due.items():
        yield f"next      {name}: {moment}"
    said = found.feedback
    yield f"feedback  {said.up} up, {said.down} down; {said.refused} of these answers declined"
