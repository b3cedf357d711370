"""Flags made from recipe sections, so that keys, defaults and help live in one place."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import click

from loresmith.recipe import Recipe, Section, parse

Function = TypeVar("Function", bound=Callable[..., Any])


def options_from(section: type[Section]) -> Callable[[Function], Function]:
    """A decorator that adds `--some-key` for each key of `section`; what is not given stays `None`."""

    def add(function: Function) -> Function:
        for name, field in reversed(section.model_fields.items()):
            kind, is_multiple = _kind(field.annotation)
            flag = f"--{name.replace('_', '-')}"
            is_switch = kind is bool
            function = click.option(
                f"{flag}/--no-{flag[2:]}" if is_switch else flag,
                name,
                type=None if is_switch else kind,
                default=None,
                multiple=is_multiple,
                help=_help(field.description, field.default),
            )(function)
        return function

    return add


def overridden(recipe: Recipe, key: str, given: Mapping[str, Any]) -> Recipe:
    """`recipe` with the flags that were given put into its section `key`.

    Raises:
        RecipeError: a value is out of range.
    """
    changes = {name: value for name, value in given.items() if value is not None and value != ()}
    if not changes:
        return recipe
    section: Section = getattr(recipe, key)
    return recipe.model_copy(update={key: parse(type(section), section.model_dump() | changes)})


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The click type of an annotation, and whether the flag may be repeated."""
    if get_origin(annotation) is tuple:
        return _kind(get_args(annotation)[0])[0], True
    if get_origin(annotation) is Literal:
        return click.Choice([str(choice) for choice in get_args(annotation)]), False
    if annotation in (int, float, str, bool):
        return annotation, False
    inner = [part for part in get_args(annotation) if part is not type(None)]
    if len(inner) == 1:
        return _kind(inner[0])
    return str, any(get_origin(part) is tuple for part in inner)


def _help(text: str | None, default: object) -> str:
    shown = "" if default is None or default == () else f"[default: {default}]"
    return " ".join(part for part in ((text or "").replace("\n", " "), shown) if part)
