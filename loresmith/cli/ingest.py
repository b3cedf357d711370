"""`loresmith ingest`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import IngestConfig

command = stage_command(
    "ingest",
    IngestConfig,
    about="Read every document of a project into Markdown; what cannot be read is set aside with its reason.",
    next_verb="chunk",
)
