"""`loresmith registry`: numbered versions of an expert, who is champion, and how it came to be."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loresmith.cli.environment import prepare
from loresmith.cli.place import PATH, show_json

if TYPE_CHECKING:
    from loresmith.registry import Registry

FOLDER = "registry"
"""Of a project's registry, in the project."""
KEPT = 1
"""Exit code where the gate did not promote."""
DAMAGED = 2
"""Exit code where a file is not as it was added."""

PLACE = click.argument("place", type=PATH)
VERSION = click.argument("version")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
REASON = click.option("--reason", default="", help="Why, for the audit log.")


def registry_at(place: Path, registry: Path | None = None) -> Path:
    """The registry that a verb works on: the one named, `place` itself if it is one, or that of the project `place`."""
    from loresmith.registry.database import FILE

    if registry is not None:
        return registry
    return place if (place / FILE).is_file() else place / FOLDER


@click.group("registry")
def command() -> None:
    """Keep versions of an expert, choose the champion, go back.

    PLACE is a project, whose registry lies in its folder `registry`, or a registry's own folder. VERSION is a number,
    an alias (champion, candidate, previous) or a tag. `loresmith serve PLACE --alias champion` follows every move.
    """


@command.command("add")
@click.argument("project", type=PATH)
@click.option("--registry", type=PATH, help="Folder of a shared registry [default: PROJECT/registry].")
@click.option("--tag", "tags", multiple=True, metavar="NAME", help="Name the version; repeat for more.")
@REASON
@JSON
def add(project: Path, registry: Path | None, tags: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Keep PROJECT as it stands as the next version, which becomes the candidate.

    Large files are cloned or hard-linked where the file system allows it, and are read-only from then on.
    """
    prepare(torch_works=False)
    from loresmith.cli.registry_words import brief
    from loresmith.cli.render import follow
    from loresmith.pipeline import open_project
    from loresmith.registry import Registry
    from loresmith.registry.book import require_tag

    for tag in tags:
        require_tag(tag)
    opened = open_project(project)
    with Registry(registry_at(opened.path, registry), create=True) as book:
        with opened.locked():
            version = follow(book.add(opened, reason=reason), quiet=as_json)
        for tag in tags:
            book.tag(version.number, tag)
        entry = book.entry(version.number)
        if as_json:
            show_json({"registry": str(book.path), **entry.model_dump(mode="json")})
            return
        click.echo("\n".join(brief(entry)))
        for mismatch in version.apart:
            click.echo(f"  note: {mismatch}")
        click.echo(f"Next: loresmith registry promote {registry or project} {version.number}")


@command.command("list")
@PLACE
@click.option("--all", "everything", is_flag=True, help="Archived and pruned versions too.")
@JSON
def list_versions(place: Path, everything: bool, as_json: bool) -> None:
    """List the versions with their aliases, tags and exam."""
    from loresmith.cli.registry_words import brief

    with _open(place) as book:
        entries = [entry for entry in book.entries() if everything or entry.state == "kept"]
        if as_json:
            show_json({"registry": str(book.path), "versions": [entry.model_dump(mode="json") for entry in entries]})
            return
        for entry in entries:
            click.echo("\n".join(brief(entry)))
        hidden = len(book.entries()) - len(entries)
        if hidden:
            click.echo(f"{hidden} archived or pruned: --all shows them", err=True)
        click.echo(f"Next: loresmith registry show {place} VERSION", err=True)


@command.command("show")
@PLACE
@VERSION
@JSON
def show(place: Path, version: str, as_json: bool) -> None:
    """Show what a version is made of, how it did, where it came from and what happened to it."""
    from loresmith.cli.registry_words import told

    with _open(place) as book:
        entry = book.entry(version)
        events = book.events(entry.number)
        folder = book.folder(entry.number)
        if as_json:
            log = [event.model_dump(mode="json") for event in events]
            show_json({**entry.model_dump(mode="json"), "folder": str(folder), "log": log})
            return
        click.echo("\n".join(told(entry, events, folder)))


@command.command("promote")
@PLACE
@click.argument("version", default="candidate")
@click.option("--force", metavar="REASON", help="Promote without asking the gate; the reason goes into the audit log.")
@REASON
@JSON
def promote(place: Path, version: str, force: str | None, reason: str, as_json: bool) -> None:
    """Make VERSION [default: the candidate] the champion if the gate lets it, by the rules of its own recipe.

    Exit code 0: it is the champion now; 1: the gate kept it out or cannot tell, which is written down; 2: bad input.
    """
    prepare(torch_works=False)
    from loresmith.cli.gate import show_decision
    from loresmith.cli.render import follow
    from loresmith.registry import promotion

    with _open(place) as book:
        number = book.entry(version).number
        judged = follow(promotion.promote(book, number, reason=reason, force=force), quiet=as_json)
        is_in = book.alias("champion") == number
        if as_json:
            gate = None if judged is None else judged.evidence()
            show_json({"version": number, "promoted": is_in, "previous": book.alias("previous"), "judgement": gate})
        elif judged is None:
            click.echo(f"Version {number} is the champion, without the gate.")
        elif judged.gate is None:
            click.echo(click.style(judged.headline, bold=True))
        else:
            show_decision(judged.gate)
        if not as_json:
            verb = "rollback" if is_in else "log"
            click.echo(f"Next: loresmith registry {verb} {place}", err=True)
    if not is_in:
        sys.exit(KEPT)


@command.command("rollback")
@PLACE
@REASON
@JSON
def rollback(place: Path, reason: str, as_json: bool) -> None:
    """Make the previous champion the champion again, after its files were read and found whole.

    A second rollback goes further back; it never returns to the version that was left.
    """
    from loresmith.cli.render import follow

    with _open(place) as book:
        left, champion = follow(book.rollback(reason=reason), quiet=as_json)
        previous = book.alias("previous")
        if as_json:
            show_json({"champion": champion, "left": left, "previous": previous})
            return
        click.echo(f"Version {champion} is the champion again, instead of version {left}.")
        click.echo(f"Next: loresmith registry archive {place} {left}", err=True)


@command.command("archive")
@PLACE
@VERSION
@click.option("--undo", is_flag=True, help="Put it back.")
@REASON
@JSON
def archive(place: Path, version: str, undo: bool, reason: str, as_json: bool) -> None:
    """Take a version out of the choice; its files stay until `prune`."""
    with _open(place) as book:
        number = book.entry(version).number
        book.archive(number, reason=reason, undo=undo)
        _show_entry(book, number, as_json)


@command.command("tag")
@PLACE
@VERSION
@click.argument("name")
@click.option("--remove", is_flag=True, help="Take the tag away.")
@JSON
def tag(place: Path, version: str, name: str, remove: bool, as_json: bool) -> None:
    """Give a version a name; a tagged version is never pruned."""
    with _open(place) as book:
        number = book.entry(version).number
        book.tag(number, name, remove=remove)
        _show_entry(book, number, as_json)


@command.command("log")
@PLACE
@click.option("--version", "version", help="Of one version only.")
@JSON
def log(place: Path, version: str | None, as_json: bool) -> None:
    """Show the audit log: who moved what, when and why."""
    from loresmith.cli.registry_words import line

    with _open(place) as book:
        events = book.events(None if version is None else book.entry(version).number)
        if as_json:
            show_json([event.model_dump(mode="json") for event in events])
            return
        for event in events:
            click.echo(line(event))


@command.command("verify")
@PLACE
@click.argument("versions", nargs=-1)
@JSON
def verify(place: Path, versions: tuple[str, ...], as_json: bool) -> None:
    """Read every file of VERSIONS [default: all] and compare it with its hash. Exit code 2: one is not as it was."""
    from loresmith.cli.render import follow

    with _open(place) as book:
        numbers = [book.entry(version).number for version in versions] or None
        found = follow(book.verify(numbers), quiet=as_json)
        if as_json:
            show_json({"sound": not found, "faults": [fault.model_dump(mode="json") for fault in found]})
        for fault in () if as_json else found:
            click.echo(f"{book.path / fault.path}: {fault.problem}")
        if not found and not as_json:
            click.echo("Every file is as it was added.")
    if found:
        sys.exit(DAMAGED)


@command.command("prune")
@PLACE
@click.option("--keep", type=click.IntRange(min=0), default=5, show_default=True, help="Newest versions to keep.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@JSON
def prune(place: Path, keep: int, dry_run: bool, as_json: bool) -> None:
    """Delete the files of versions without alias or tag that are not among the newest; archived ones go first.

    Records, exam figures and the audit log stay.
    """
    from loresmith.cli.registry_words import megabytes

    with _open(place) as book:
        found = book.prune(keep, dry_run=dry_run)
        if as_json:
            show_json({"dry_run": dry_run, **found.model_dump(mode="json")})
            return
        for number, why in found.kept.items():
            click.echo(f"  {number:>4}  stays: {why}")
        for number in found.versions:
            click.echo(f"  {number:>4}  {'would go' if dry_run else 'gone'}")
        click.echo(f"{megabytes(found.freed_bytes)} {'would be freed' if dry_run else 'freed'}")


def _open(place: Path) -> "Registry":
    from loresmith.registry import Registry

    return Registry(registry_at(place))


def _show_entry(book: "Registry", number: int, as_json: bool) -> None:
    from loresmith.cli.registry_words import brief

    entry = book.entry(number)
    if as_json:
        show_json(entry.model_dump(mode="json"))
        return
    click.echo("\n".join(brief(entry)))
