"""`loresmith index`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import IndexConfig

command = stage_command(
    "index",
    IndexConfig,
    about="Make the passages searchable by words and by meaning.",
    next_verb="train",
)
