"""The flag that says who writes the answers."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def generator_option(function: Function) -> Function:
    """A decorator that adds --with (or --generator) as `generator`."""
    return click.option(
        "--with",
        "--generator",
        "generator",
        type=click.Choice(["auto", "gguf", "adapter", "none"]),
        default="auto",
        show_default=True,
        help="Who writes: the exported file, the adapter, or nobody (the best passages are the answer).",
    )(function)
