"""`loresmith evaluate`."""

from loresmith.cli.further import general_ability, with_evaluate
from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import EvaluateConfig

command = stage_command(
    "evaluate",
    EvaluateConfig,
    about="Examine base, adapter, retrieval and both on the same questions; then, where the recipe asks for them, "
    "public benchmarks, the exported file and a model on a server.",
    stages=with_evaluate,
    details=general_ability,
    next_verb="export",
)
