"""`loresmith serve`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.generator import generator_option
from loresmith.cli.options import options_from, overridden
from loresmith.cli.place import PATH, show_json, with_recipe
from loresmith.errors import UserError
from loresmith.pipeline import Project, open_project
from loresmith.pipeline.project import RECIPE
from loresmith.recipe import ServeConfig
from loresmith.recipe.experts import is_roster

if TYPE_CHECKING:
    from loresmith.serve.expert import OpenExpert, Writer
    from loresmith.serve.following import Following

ALIASES = ("champion", "candidate", "previous")


@click.command("serve")
@click.argument("place", type=PATH, required=False)
@click.option("--registry", type=PATH, help="Serve from this registry [default with --alias: PLACE/registry].")
@click.option("--alias", type=click.Choice(ALIASES), help="Follow it, also while serving [with --registry: champion].")
@options_from(ServeConfig)
@generator_option
@click.option(
    "--api-key",
    envvar="LORESMITH_API_KEY",
    help="Who enters must know it: as bearer token for the API, to sign in on the page. [env: LORESMITH_API_KEY]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON on stdout once it answers.")
def command(
    place: Path | None,
    registry: Path | None,
    alias: str | None,
    generator: Any,
    api_key: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Open the page and the OpenAI-compatible API of the project PLACE, until Ctrl-C or SIGTERM.

    PLACE can also be a file that lists several experts: then requests name one as `model`, or leave it to the router.

    With --alias or --registry the version answers that the alias names, and another one as soon as the alias moves.
    """
    if place is None and registry is None:
        raise UserError("Nothing is named to serve.", next_step="Name a project, or a registry with --registry.")
    if place is not None and is_roster(place):
        if registry is not None or alias is not None:
            raise UserError(f"{place} lists several experts, and no registry.", next_step="Serve one or the other.")
        from loresmith.cli.serve_experts import serve_experts

        serve_experts(place, generator, api_key, as_json, given)
        return
    followed = None if registry is None and alias is None else _followed(place, registry, alias or ALIASES[0])
    workshop = open_project(place) if place is not None and (followed is None or (place / RECIPE).is_file()) else None
    project = workshop or open_project(followed[2] if followed else Path())
    project = with_recipe(project, overridden(project.recipe, "serve", given))
    config = project.recipe.serve
    prepare()  # questions are embedded by torch, whoever writes
    from loresmith.serve import server
    from loresmith.serve.access import access_of

    access = access_of(config, api_key)
    with server.bind(config.host, config.port) as listening:
        address = server.address_of(listening)
        expert = _expert(project, followed, generator)
        from loresmith.serve.site import create_site  # Gradio takes seconds: every refusal comes before it

        def announce() -> None:
            _announce(address, project.recipe.name, expert, as_json)

        server.run(create_site(expert, access, workshop, config), listening, announce)
    click.echo(f"Stopped.\nNext: loresmith ask {project.path} QUESTION", err=True)


def _followed(place: Path | None, registry: Path | None, alias: str) -> tuple[Path, str, Path]:
    """The registry, the alias, and the folder of the version that it names now."""
    from loresmith.cli.registry import registry_at
    from loresmith.registry import Registry

    with Registry(registry_at(place or Path(), registry)) as book:
        return book.path, alias, book.folder(book.entry(alias).number)


def _expert(project: Project, followed: tuple[Path, str, Path] | None, generator: "Writer") -> "OpenExpert | Following":
    if followed is None:
        from loresmith.serve.expert import open_expert

        return open_expert(project, generator)
    from loresmith.serve.following import Following

    def say(words: str) -> None:
        click.echo(f"registry: {words}", err=True)

    return Following(followed[0], followed[1], generator, standby=project.recipe.serve.standby, say=say)


def _announce(address: str, model: str, expert: "OpenExpert | Following", as_json: bool) -> None:
    from loresmith.serve.following import Following

    version = expert.status()["version"] if isinstance(expert, Following) else None
    if as_json:
        told = {"page": address, "api": f"{address}v1", "model": model, "writer": expert.writer}
        show_json(told if version is None else {**told, "expert": version})
        return
    click.echo(f"Page  {address}\nAPI   {address}v1   (model {model!r})")
    writer = expert.writer or "no model: the best passages answer"
    who = "" if version is None else f"version {version}, "
    click.echo(f"Answers are written by {who}{writer}. Ctrl-C ends it.", err=True)
