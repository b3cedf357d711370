"""How a push is shown: what would be sent, and what was."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from loresmith.hub.destination import Destination
    from loresmith.hub.parcel import Parcel
    from loresmith.hub.push import Pushed


def plan_of(parcel: "Parcel", destination: "Destination") -> dict[str, Any]:
    """A dry run as JSON."""
    return {
        "dry_run": True,
        "repository": destination.repository,
        "branch": destination.branch,
        "license": parcel.license,
        "bytes": parcel.size_bytes,
        "would_send": parcel.sizes,
        "left_behind": dict(parcel.left_behind),
    }


def show_plan(parcel: "Parcel", destination: "Destination", what: str) -> None:
    """A dry run on stdout: `what` it is, then file by file."""
    click.echo(
        f"{what} in {len(parcel.files)} files, {size(parcel.size_bytes)}, licence {parcel.license}, "
        f"would go to {destination.repository} ({destination.branch})"
    )
    for name, size_bytes in parcel.sizes.items():
        click.echo(f"  {size(size_bytes):>9}  {name}")
    show_left_behind(parcel.left_behind)


def show_pushed(pushed: "Pushed") -> None:
    """What a push left on the Hub."""
    total = sum(pushed.sent.values())
    made = " (made, private)" if pushed.created and pushed.private else " (made)" if pushed.created else ""
    click.echo(f"{len(pushed.sent)} files, {size(total)} → {pushed.url}{made}, branch {pushed.branch}")
    click.echo(f"  commit {pushed.commit}, licence {pushed.license}")
    if pushed.already_there:
        click.echo(f"  already there with the same hash: {len(pushed.already_there)} files")
    if pushed.also_there:
        click.echo(f"  note: also there, and not of this push: {', '.join(pushed.also_there)}")
    show_left_behind(pushed.left_behind)


def show_left_behind(files: Mapping[str, str]) -> None:
    """Files that stay here, with the reason."""
    for name, reason in files.items():
        click.echo(f"  stays here: {name} ({reason})")


def size(size_bytes: int) -> str:
    """In the unit that gives at most four digits."""
    if size_bytes < 1_000:
        return f"{size_bytes} B"
    return f"{size_bytes / 1e3:.1f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1e6:.1f} MB"
