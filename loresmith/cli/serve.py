"""`loresmith serve`."""

from pathlib import Path
from typing import Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.generator import generator_option
from loresmith.cli.options import options_from, overridden
from loresmith.cli.place import PATH, show_json, with_recipe
from loresmith.pipeline import open_project
from loresmith.recipe import ServeConfig


@click.command("serve")
@click.argument("place", type=PATH)
@options_from(ServeConfig)
@generator_option
@click.option(
    "--api-key",
    envvar="LORESMITH_API_KEY",
    help="Who enters must know it: as bearer token for the API, to sign in on the page. [env: LORESMITH_API_KEY]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON on stdout once it answers.")
def command(place: Path, generator: Any, api_key: str | None, as_json: bool, **given: Any) -> None:
    """Open the page and the OpenAI-compatible API of the project PLACE, until Ctrl-C or SIGTERM."""
    project = open_project(place)
    project = with_recipe(project, overridden(project.recipe, "serve", given))
    config = project.recipe.serve
    prepare(torch_works=generator == "adapter")
    from loresmith.serve import server
    from loresmith.serve.access import Access, require_safe_address

    require_safe_address(config.host, api_key)
    with server.bind(config.host, config.port) as listening:
        address = server.address_of(listening)
        from loresmith.serve.expert import open_expert

        expert = open_expert(project, generator)
        from loresmith.serve.site import create_site  # Gradio takes seconds: every refusal comes before it

        def announce() -> None:
            _announce(address, project.recipe.name, expert.writer, as_json)

        server.run(create_site(expert, Access(config.host, api_key)), listening, announce)
    click.echo(f"Stopped.\nNext: loresmith ask {project.path} QUESTION", err=True)


def _announce(address: str, model: str, writer: str | None, as_json: bool) -> None:
    if as_json:
        show_json({"page": address, "api": f"{address}v1", "model": model, "writer": writer})
        return
    click.echo(f"Page  {address}\nAPI   {address}v1   (model {model!r})")
    click.echo(f"Answers are written by {writer or 'no model: the best passages answer'}. Ctrl-C ends it.", err=True)
