"""Write docs/reference from the code: every recipe key, every flag, every plug-in point. `--check` only compares."""

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click

from loresmith.cli.__main__ import VERBS, app
from loresmith.plugins import GROUPS, found
from loresmith.recipe import Recipe, Section
from loresmith.recipe.experts import Roster, RosterEntry

REFERENCE = Path(__file__).parent / "reference"


def recipe_page() -> str:
    """docs/reference/recipe.md."""
    lines = [
        "# The recipe",
        "",
        "One YAML file. Every key has a default but `name`; an unknown key is an error that names the nearest one.",
        "Training keys carry the names of `transformers.TrainingArguments` and `peft.LoraConfig`.",
        "",
    ]
    plain = {name: field for name, field in Recipe.model_fields.items() if _section(field.annotation) is None}
    lines += ["## Top level", "", *_table(plain), ""]
    for name, field in Recipe.model_fields.items():
        if (section := _section(field.annotation)) is not None:
            lines += _chapter(name, section)
    return "\n".join(lines)


def verbs_page() -> str:
    """docs/reference/cli.md."""
    lines = [
        "# The command line",
        "",
        "Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a bug of Loresmith, 2 the input",
        "must change, 3 the machine must change, 130 interrupted (the same command goes on).",
        "",
    ]
    context = click.Context(app, info_name="loresmith")
    for verb in VERBS:
        command = app.get_command(context, verb)
        assert command is not None
        lines += [f"## {verb}", "", *_help(verb, command)]
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                lines += [f"### {verb} {name}", "", *_help(f"{verb} {name}", inner)]
    return "\n".join(lines)


def _help(verb: str, command: click.Command) -> list[str]:
    context = click.Context(command, info_name=f"loresmith {verb}", parent=None, max_content_width=100)
    return ["```text", command.get_help(context).replace("\b", ""), "```", ""]


def experts_page() -> str:
    """docs/reference/experts.md."""
    lines = [
        "# The experts",
        "",
        "The YAML file that `loresmith router` and `loresmith serve` take where several experts share a base model;",
        "[how to](../how-to/experts.md). `serve` has the keys of [the recipe](recipe.md#serve).",
        "",
    ]
    plain = {name: field for name, field in Roster.model_fields.items() if name not in ("router", "serve")}
    lines += ["## Top level", "", *_table(plain), "", *_chapter("experts", RosterEntry)]
    router = _section(Roster.model_fields["router"].annotation)
    assert router is not None
    return "\n".join(lines + _chapter("router", router))


def plugins_page() -> str:
    """docs/reference/plugins.md."""
    lines = [
        "# Plug-ins",
        "",
        "A plug-in is a class or function registered under one of these entry-point groups; the built-ins come in by",
        "the same door. The protocols are in `loresmith/plugins.py`. `loresmith plugins` lists what is installed.",
        "",
        "| group | built-in | object |",
        "|---|---|---|",
    ]
    for group in GROUPS:
        for name, point in found(group).items():
            if point.dist is not None and point.dist.name == "loresmith":
                lines.append(f"| `{group}` | `{name}` | `{point.value}` |")
    return "\n".join([*lines, ""])


PAGES = {"recipe.md": recipe_page, "experts.md": experts_page, "cli.md": verbs_page, "plugins.md": plugins_page}


def _chapter(name: str, section: type[Section]) -> list[str]:
    """The keys of a section, then those of the sections within it."""
    lines = [f"## `{name}`", "", (section.__doc__ or "").strip(), "", *_table(section.model_fields), ""]
    for key, field in section.model_fields.items():
        if (inner := _section(field.annotation)) is not None:
            lines += _chapter(f"{name}.{key}", inner)
    return lines


def _table(fields: dict[str, Any]) -> list[str]:
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        default = "required" if field.is_required() else f"`{field.default!r}`"
        if _section(field.annotation) is not None and not field.is_required():
            default = "none"
        help_text = (field.description or "").replace("\n", " ").replace("|", "\\|")
        rows.append(f"| `{name}` | {_type(field.annotation)} | {default} | {help_text} |")
    return rows


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " \\| ".join(f"`{value}`" for value in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if isinstance(annotation, type):
        return "section" if issubclass(annotation, Section) else annotation.__name__
    return " or ".join("nothing" if part is type(None) else _type(part) for part in get_args(annotation))


def _section(annotation: Any) -> type[Section] | None:
    parts = (annotation, *get_args(annotation))
    for part in parts:
        if isinstance(part, type) and issubclass(part, Section):
            return part
    return None


def main() -> int:
    """Write the pages, or with `--check` say which differ; the exit status says whether all are current."""
    check = "--check" in sys.argv
    stale = []
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        click.echo(f"stale: {', '.join(stale)}; run `python -m docs.generate`", err=True)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
