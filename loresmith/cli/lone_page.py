"""Verbs that open one page of a project, until Ctrl-C."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from loresmith.pipeline import Project

if TYPE_CHECKING:
    from fastapi import FastAPI

    from loresmith.serve.access import Access


def serve_page(
    create: "Callable[[Project, Access], FastAPI]",
    project: Project,
    place: tuple[str, int],
    api_key: str | None,
    path: str,
    *,
    said: tuple[str, str],
) -> None:
    """Serve what `create` makes of `project` at the host and port of `place`, and print where its page is.

    Args:
        create: Makes the application.
        project: Whose page it is.
        place: Host, and port; 0 takes a free one.
        api_key: Who enters must know it.
        path: Of the page, without the slash before it.
        said: What the page is called, and what it keeps at once.

    Raises:
        UserError: others can reach the host, and there is no key.
        MachineError: the port is taken.
    """
    from loresmith.serve import server
    from loresmith.serve.access import Access, require_safe_address

    host, port = place
    require_safe_address(host, api_key)
    with server.bind(host, port) as listening:
        page = f"{server.address_of(listening)}{path}"

        def announce() -> None:
            click.echo(f"{said[0]}  {page}")
            click.echo(f"Ctrl-C ends it; every {said[1]} is kept at once.", err=True)

        server.run(create(project, Access(host, api_key)), listening, announce)
