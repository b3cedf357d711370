"""`loresmith chunk`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import ChunkConfig

command = stage_command(
    "chunk",
    ChunkConfig,
    about="Cut the Markdown into spans; headings stay with their text, tables stay whole or repeat their header.",
    next_verb="generate",
)
