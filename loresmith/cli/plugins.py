"""`loresmith plugins`."""

import click

from loresmith.cli.place import show_json
from loresmith.plugins import GROUPS, found


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(as_json: bool) -> None:
    """List what is plugged in: group, name, and the package and version that brings it."""
    rows = [
        {
            "group": group,
            "name": name,
            "package": point.dist.name if point.dist else None,
            "version": point.dist.version if point.dist else None,
            "object": point.value,
        }
        for group in GROUPS
        for name, point in found(group).items()
    ]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['group']:<20} {row['name']:<10} {row['package']} {row['version']}  {row['object']}")
