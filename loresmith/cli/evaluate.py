"""`loresmith evaluate`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import EvaluateConfig

command = stage_command(
    "evaluate",
    EvaluateConfig,
    about="Examine base, adapter, retrieval and both on the same questions.",
    next_verb="export",
)
