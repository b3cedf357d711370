"""Flags made from recipe sections, so that keys, defaults and help live in one place."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import getitem
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from loresmith.recipe import Recipe, Section, parse

INNER = "__"
"""Stands between the name of an inner section and its key in the name of an option."""

Function = TypeVar("Function", bound=Callable[..., Any])
AnySection = TypeVar("AnySection", bound=Section)


def options_from(section: type[Section]) -> Callable[[Function], Function]:
    """A decorator that adds `--some-key` for each key of `section`; what is not given stays `None`.

    A key of a section within it becomes `--inner-some-key`, handed on as `inner__some_key`.
    """

    def add(function: Function) -> Function:
        for name, field in reversed(_flat(section).items()):
            kind, is_multiple = _kind(field.annotation)
            flag = f"--{name.replace(INNER, '-').replace('_', '-')}"
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
    section: Section = getattr(recipe, key)
    return recipe.model_copy(update={key: changed(section, given)})


def changed(section: AnySection, given: Mapping[str, Any]) -> AnySection:
    """`section` with the flags that were given.

    Raises:
        RecipeError: a value is out of range.
    """
    changes = {name: value for name, value in given.items() if value is not None and value != ()}
    if not changes:
        return section
    values = section.model_dump()
    for name, value in changes.items():
        *outer, last = name.split(INNER)
        reduce(getitem, outer, values)[last] = value
    return parse(type(section), values)


def _flat(section: type[Section], prefix: str = "") -> dict[str, FieldInfo]:
    """The fields of `section` and of the sections within it, by the names of their options."""
    fields: dict[str, FieldInfo] = {}
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            fields |= _flat(field.annotation, f"{prefix}{name}{INNER}")
        else:
            fields[prefix + name] = field
    return fields


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
