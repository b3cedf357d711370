"""`loresmith evaluate`."""

from loresmith.cli.further import with_evaluate
from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import EvaluateConfig

command = stage_command(
    "evaluate",
    EvaluateConfig,
    about="Examine base, adapter, retrieval and both on the same questions; then the exported file and a model on a "
    "server, where the recipe asks for them.",
    stages=with_evaluate,
    next_verb="export",
)
